import { describe, expect, test } from 'vitest';
import type { AuditQuery } from '../../src/features/admin/record.ts';
import { createAuditRecord } from '../../src/features/admin/record-store.ts';
import { addEventRows, forgedCursor, pagesOf } from '../support/people.ts';
import { createTestApp } from '../support/test-app.ts';

type Filters = Omit<AuditQuery, 'cursor' | 'limit'>;

async function open() {
  const { db } = await createTestApp();
  const record = createAuditRecord({ db });
  return {
    db,
    record,
    ids: async (filters: Filters, limit = 2) =>
      (await pagesOf((cursor) => record.list({ ...filters, limit, cursor }))).ids,
  };
}

describe('the audit record', () => {
  test('is listed by time, then by id, newest first; each event once', async () => {
    const { db, ids } = await open();
    const [a, b, c, d, e] = await addEventRows(db, [
      { at: 5 },
      { at: 9 },
      { at: 5 },
      { at: 1 },
      { at: 5 },
    ]);
    for (const limit of [1, 2, 3, 5, 100]) expect(await ids({}, limit)).toEqual([b, e, c, a, d]);
  });

  test('shows who acted on whom, and the detail', async () => {
    const { db, record } = await open();
    await addEventRows(db, [
      { at: 1, actorId: 3, subjectId: 4, action: 'role_change', detail: '{"granted":["admin"]}' },
    ]);
    expect((await record.list({ limit: 1 })).items).toMatchObject([
      { actorId: 3, subjectId: 4, action: 'role_change', detail: { granted: ['admin'] } },
    ]);
  });

  test('filters agree with the rows that meet them, in all combinations and orders', async () => {
    const { db, ids } = await open();
    const rows = Array.from({ length: 120 }, (_, i) => ({
      at: (i * 7) % 11,
      actorId: [null, 1, 2, 3][i % 4] ?? null,
      subjectId: [1, 2, null][i % 3] ?? null,
      action: i % 5 ? 'login' : 'role_change',
      outcome: i % 2 ? ('success' as const) : ('failure' as const),
    }));
    const added = await addEventRows(db, rows);
    for (const subject of [undefined, 1, 2, 9]) {
      for (const actor of [undefined, 1, 3]) {
        for (const action of [undefined, 'login', 'role_change', 'none']) {
          for (const outcome of [undefined, 'success', 'failure'] as const) {
            const expected = rows
              .map((row, i) => ({ ...row, id: Number(added[i]) }))
              .filter(
                (row) =>
                  (subject === undefined || row.subjectId === subject) &&
                  (actor === undefined ||
                    (row.actorId === actor && row.subjectId !== null && row.subjectId !== actor)) &&
                  (action === undefined || row.action === action) &&
                  (outcome === undefined || row.outcome === outcome),
              )
              // Events of one account are listed by id alone.
              .toSorted((a, b) =>
                subject === undefined && actor === undefined
                  ? b.at - a.at || b.id - a.id
                  : b.id - a.id,
              )
              .map(({ id }) => id);
            const filters = { subject, actor, action, outcome };
            expect([filters, await ids(filters, 7)]).toEqual([filters, expected]);
          }
        }
      }
    }
  });

  test('stays stable while events are recorded between its pages', async () => {
    const { db, record } = await open();
    const added = await addEventRows(
      db,
      Array.from({ length: 6 }, () => ({ at: 5 })),
    );
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await record.list({ action: 'login', limit: 2, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      await addEventRows(db, [{ at: 5 }, { at: 6, outcome: 'failure' }]);
    } while (cursor !== undefined);
    expect(seen).toEqual(added.toReversed());
  });

  test('a cursor of another list is refused', async () => {
    const { db, record } = await open();
    await addEventRows(
      db,
      Array.from({ length: 3 }, () => ({ actorId: 1, subjectId: 2 })),
    );
    const lists: Filters[] = [{}, { subject: 2 }, { actor: 1 }, { action: 'login' }];
    for (const [i, filters] of lists.entries()) {
      const { nextCursor } = await record.list({ ...filters, limit: 1 });
      for (const [j, others] of lists.entries()) {
        const read = record.list({ ...others, limit: 1, cursor: nextCursor ?? 'none' });
        if (i === j) expect((await read).items).toHaveLength(1);
        else await expect(read).rejects.toMatchObject({ code: 'validation_failed' });
      }
    }
    const forged = forgedCursor({ list: 'time', key: 'x', id: 1 });
    await expect(record.list({ limit: 1, cursor: forged })).rejects.toMatchObject({
      fields: [{ pointer: '#/cursor' }],
    });
  });
});
