import { describe, expect, test } from 'vitest';
import { deletedAccounts } from '../../src/core/db/account-schema.ts';
import { auditEvents, outbox, sessions, users } from '../../src/core/db/schema.ts';
import { createAccountStore } from '../../src/features/account/store.ts';
import { createDirectory } from '../../src/features/admin/directory-store.ts';
import { createAuditRecord } from '../../src/features/admin/record-store.ts';
import { createSessionDirectory } from '../../src/features/admin/session-store.ts';
import { createStatsReader } from '../../src/features/admin/stats-store.ts';
import { createUserStore } from '../../src/features/users/store.ts';
import { databases } from '../support/databases.ts';
import { addEventRows, addPeople, pagesOf } from '../support/people.ts';
import { createTestApp } from '../support/test-app.ts';

const ADDRESS = { address: '203.0.113.7', userAgent: 'x' };

describe.each(Object.entries(databases))('administration on %s', (_, openDatabase) => {
  test('accounts are searched and listed in pages', async () => {
    const db = await openDatabase();
    const { deps } = await createTestApp();
    const directory = createDirectory({ ...deps, db });
    const now = deps.clock();
    const ids = await addPeople(
      db,
      Array.from({ length: 7 }, (_, i) => ({
        name: i % 2 ? 'किम' : '🦊 Fox',
        email: `kim${i}@example.com`,
        phone: `+91776087397${i}`,
        disabledAt: i % 3 ? 5 : null,
        lockedUntil: now + 1,
        roles: i % 2 ? ['editor', 'admin'] : [],
      })),
    );
    const all = async (query: object) =>
      (await pagesOf((cursor) => directory.list({ ...query, limit: 2, cursor }))).ids;
    const odd = ids.filter((_, i) => i % 2);
    expect(await all({})).toEqual(ids.toReversed());
    expect(await all({ q: 'किम' })).toEqual(odd);
    expect(await all({ q: '🦊', status: 'locked' })).toEqual(ids.filter((_, i) => i % 2 === 0));
    expect(await all({ q: 'KIM' })).toEqual(ids);
    expect(await all({ q: '7760' })).toEqual(ids);
    expect(await all({ role: 'editor' })).toEqual(odd.toReversed());
    expect(await all({ role: 'editor', status: 'active' })).toEqual([ids[3]]);
    expect(await all({ status: 'disabled' })).toHaveLength(4);
    expect(await all({ status: 'unverified' })).toHaveLength(7);
    const kim = await directory.findByName('KIM1@example.com');
    expect(kim).toMatchObject({ id: ids[1], roles: ['admin', 'editor'], hasPassword: false });
    // As many ids as a statement may have parameters.
    await addPeople(
      db,
      Array.from({ length: 101 }, (_, i) => ({ name: `m${i}` })),
    );
    expect((await directory.list({ q: 'm', limit: 100 })).items).toHaveLength(100);
  });

  test('events, sessions and numbers are read', async () => {
    const db = await openDatabase();
    const { deps } = await createTestApp();
    const now = deps.clock();
    const [userId = 0] = await addPeople(db, [{}]);
    await addEventRows(
      db,
      Array.from({ length: 5 }, (_, i) => ({
        at: now - (i % 2),
        actorId: 7,
        subjectId: userId,
        outcome: i % 2 ? ('failure' as const) : ('success' as const),
      })),
    );
    const record = createAuditRecord({ db });
    for (const query of [{}, { subject: userId }, { actor: 7 }, { action: 'login' }]) {
      const read = (cursor: string | undefined) => record.list({ ...query, limit: 2, cursor });
      expect((await pagesOf(read)).ids).toHaveLength(5);
    }
    const times = { createdAt: now, rotatedAt: now, lastUsedAt: now, expiresAt: now + 1 };
    for (const id of ['a', 'b', 'c']) {
      await db.insert(sessions).values({ ...times, id, userId, method: 'password' });
    }
    const directory = createSessionDirectory({ ...deps, db });
    const first = await directory.list(userId, { limit: 2 });
    const second = await directory.list(userId, { limit: 2, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    expect(second.nextCursor).toBeNull();
    for (let i = 0; i < 100; i++) {
      await db.insert(sessions).values({ ...times, id: `s${i}`, userId, method: 'password' });
    }
    expect((await directory.list(userId, { limit: 100 })).items).toHaveLength(100);
    await db.insert(outbox).values({
      ...{ id: 'm', kind: 'verify', channel: 'email', state: 'sent' },
      ...{ notBefore: 0, createdAt: 0, expiresAt: 0 },
    });
    const stats = await createStatsReader({ ...deps, db }).read(30);
    expect(stats.days).toHaveLength(30);
    expect(stats.days.at(-1)).toMatchObject({ logIns: 3, failedLogIns: 2, activeSessions: 103 });
    expect(stats.messages).toEqual({ waiting: 0, sent: 1, rejected: 0, dead: 0 });
  });

  test('older names are folded, and the events of a deleted administrator are cleared', async () => {
    const db = await openDatabase();
    const { deps } = await createTestApp();
    const names = ['Ａda "x"', 'İ', '🦊'];
    const [admin = 0, other = 0] = await addPeople(
      db,
      names.map((name) => ({ name, nameFolded: null })),
    );
    expect(await createUserStore(db, deps.clock).foldNames(500)).toBe(3);
    const folded = (await db.select().from(users)).map(({ nameFolded }) => nameFolded);
    expect(folded).toEqual(['ada "x"', 'i̇', '🦊']);
    await addEventRows(db, [
      { ...ADDRESS, actorId: admin, subjectId: other, detail: '{"reason":"x"}' },
      { ...ADDRESS, actorId: other, subjectId: other },
    ]);
    await db.insert(deletedAccounts).values({ id: admin, deletedAt: 0 });
    expect(await createAccountStore({ ...deps, db }).clearEvents(500)).toBe(1);
    expect(await db.select().from(auditEvents)).toMatchObject([
      { address: null, userAgent: null, detail: '{"reason":"x"}' },
      ADDRESS,
    ]);
  });
});
