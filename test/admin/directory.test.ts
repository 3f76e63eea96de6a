import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import type { AccountQuery } from '../../src/features/admin/directory.ts';
import { createDirectory } from '../../src/features/admin/directory-store.ts';
import { addPeople, forgedCursor, grant, pagesOf } from '../support/people.ts';
import { createTestApp } from '../support/test-app.ts';

type Filters = Omit<AccountQuery, 'cursor' | 'limit'>;

async function open() {
  const { db, deps } = await createTestApp();
  const directory = createDirectory(deps);
  return {
    db,
    now: deps.clock(),
    directory,
    add: (...people: Parameters<typeof addPeople>[1]) => addPeople(db, people),
    /** All pages of a list. */
    all: (filters: Filters, limit = 2) =>
      pagesOf((cursor) => directory.list({ ...filters, limit, cursor })),
    ids: async (filters: Filters, limit?: number) =>
      (await pagesOf((cursor) => directory.list({ ...filters, limit: limit ?? 2, cursor }))).ids,
  };
}

describe('a list of accounts', () => {
  test('has every account once, newest first, on pages of any size', async () => {
    const { add, all } = await open();
    const ids = await add(...Array.from({ length: 7 }, (_, i) => ({ email: `u${i}@x.com` })));
    for (const limit of [1, 2, 3, 7, 8, 100]) {
      const { ids: listed, pages } = await all({}, limit);
      expect(listed).toEqual(ids.toReversed());
      expect(pages).toBe(Math.ceil(7 / limit));
    }
  });

  test('shows what administrators need and no secret', async () => {
    const { add, directory, now } = await open();
    await add({
      email: 'ada@example.com',
      name: 'Ada',
      passwordHash: '$pbkdf2$secret',
      lockedUntil: now + 1,
      roles: ['support', 'admin'],
    });
    const { items } = await directory.list({ limit: 1 });
    expect(items).toMatchObject([
      {
        email: 'ada@example.com',
        roles: ['admin', 'support'],
        hasPassword: true,
        disabledAt: null,
      },
    ]);
    expect(JSON.stringify(items)).not.toMatch(/pbkdf2|normalized|folded/i);
  });

  test('that is empty has one page', async () => {
    const { all } = await open();
    for (const filters of [
      {},
      { q: 'a' },
      { q: '+1' },
      { role: 'x' },
      { status: 'locked' } as const,
    ]) {
      expect(await all(filters)).toEqual({ ids: [], pages: 1 });
    }
  });

  test('stays stable while accounts come and go between its pages', async () => {
    const { add, db, directory } = await open();
    const ids = await add(
      ...Array.from({ length: 6 }, (_, i) => ({ name: `n${i}`, email: `n${i}@x` })),
    );
    const seen: number[] = [];
    let cursor: string | undefined;
    for (let round = 0; round < 20; round++) {
      const page = await directory.list({ q: 'n', limit: 2, cursor });
      seen.push(...page.items.map(({ id }) => id));
      // One before the position, one behind it, and the last one of this page is deleted.
      await add({ name: `m${round}`, email: `m${round}@x` });
      await db.delete(users).where(eq(users.id, page.items.at(-1)?.id ?? 0));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(ids);
  });

  test('reads equal keys once each, in the order of their ids', async () => {
    const { add, ids } = await open();
    const same = Array.from({ length: 9 }, () => ({ name: 'Kim', createdAt: 5, disabledAt: 7 }));
    const added = await add(...same);
    expect(await ids({ q: 'kim' })).toEqual(added);
    expect(await ids({ status: 'disabled' })).toEqual(added.toReversed());
    expect(await ids({ status: 'unverified' }, 4)).toEqual(added.toReversed());
  });
});

describe('filters', () => {
  async function people() {
    const room = await open();
    const { now } = room;
    const ids = await room.add(
      { name: 'Zoe', createdAt: 1, roles: ['editor'] },
      { name: 'Zed', createdAt: 3, disabledAt: 20, roles: ['editor'] },
      { name: 'Zack', createdAt: 2, emailVerifiedAt: 1, lockedUntil: now + 1 },
      { name: 'Amy', createdAt: 9, phoneVerifiedAt: 1, disabledAt: 30, roles: ['admin', 'editor'] },
      { name: 'Ann', createdAt: 8, emailVerifiedAt: 1, lockedUntil: now, roles: ['support'] },
      { name: 'Abe', createdAt: 7, emailVerifiedAt: 1, lockedUntil: now + 9, disabledAt: 10 },
    );
    const names = async (filters: Filters) => {
      const listed = await room.ids(filters);
      return listed.map((id) => ['Zoe', 'Zed', 'Zack', 'Amy', 'Ann', 'Abe'][ids.indexOf(id)]);
    };
    return { ...room, names };
  }

  test.each<[Filters, string[]]>([
    [{ status: 'active' }, ['Ann', 'Zack', 'Zoe']],
    [{ status: 'disabled' }, ['Amy', 'Zed', 'Abe']],
    [{ status: 'locked' }, ['Abe', 'Zack']],
    [{ status: 'unverified' }, ['Zed', 'Zoe']],
    [{ role: 'editor' }, ['Amy', 'Zed', 'Zoe']],
    [{ role: 'support' }, ['Ann']],
    [{ role: 'nobody' }, []],
    [{ role: 'editor', status: 'active' }, ['Zoe']],
    [{ role: 'editor', status: 'disabled' }, ['Amy', 'Zed']],
    [{ role: 'editor', status: 'unverified' }, ['Zed', 'Zoe']],
    [{ role: 'support', status: 'locked' }, []],
    [{ q: 'z' }, ['Zack', 'Zed', 'Zoe']],
    [{ q: 'z', status: 'active' }, ['Zack', 'Zoe']],
    [{ q: 'z', status: 'disabled' }, ['Zed']],
    [{ q: 'a', status: 'locked' }, ['Abe']],
    [{ q: 'z', status: 'unverified' }, ['Zed', 'Zoe']],
    [{ q: 'a', role: 'editor' }, ['Amy']],
    [{ q: 'z', role: 'editor', status: 'active' }, ['Zoe']],
  ])('%j', async (filters, expected) => {
    const { names } = await people();
    expect(await names(filters)).toEqual(expected);
  });

  test('each agree with the rows that meet them, in all combinations', async () => {
    const { ids, now, add } = await open();
    const rows = Array.from({ length: 96 }, (_, i) => ({
      name: i % 2 ? `al${i % 5}` : `be${i % 7}`,
      email: i % 3 ? `al${i}@x` : null,
      createdAt: i % 4,
      disabledAt: i % 5 ? null : i % 6,
      lockedUntil: i % 7 ? null : now + (i % 3) - 1,
      emailVerifiedAt: i % 2 ? 1 : null,
      roles: i % 4 ? [] : ['editor'],
    }));
    const added = await add(...rows);
    const meets: Record<string, (row: (typeof rows)[number]) => boolean> = {
      active: ({ disabledAt }) => disabledAt === null,
      disabled: ({ disabledAt }) => disabledAt !== null,
      locked: ({ lockedUntil }) => lockedUntil !== null && lockedUntil > now,
      unverified: ({ emailVerifiedAt }) => emailVerifiedAt === null,
    };
    for (const q of [undefined, 'al', 'be1', 'x']) {
      for (const role of [undefined, 'editor']) {
        for (const status of [undefined, 'active', 'disabled', 'locked', 'unverified'] as const) {
          const expected = added.filter((_, i) => {
            const row = rows[i];
            if (!row) return false;
            const isFound = q === undefined || row.name.startsWith(q) || !!row.email?.startsWith(q);
            const hasRole = role === undefined || row.roles.includes(role);
            return isFound && hasRole && (status === undefined || !!meets[status]?.(row));
          });
          const listed = await ids({ q, role, status }, 5);
          expect([q, role, status, listed.toSorted((a, b) => a - b)]).toEqual([
            q,
            role,
            status,
            expected,
          ]);
        }
      }
    }
  });

  test('that few of many accounts meet give short pages, and miss none', async () => {
    const { db, add, directory, all } = await open();
    const [first] = await add(...Array.from({ length: 1203 }, (_, i) => ({ name: `n${i}` })));
    await grant(db, Number(first), 'rare');
    const { ids, pages } = await all({ q: 'n', role: 'rare' }, 50);
    expect(ids).toEqual([first]);
    expect(pages).toBe(3);
    const page = await directory.list({ q: 'n', status: 'disabled', limit: 50 });
    expect(page).toMatchObject({ items: [], nextCursor: expect.any(String) });
  });
});

describe('a search by text', () => {
  const kims = (count: number, email = (i: number) => `kim${i}@x`) =>
    Array.from({ length: count }, (_, i) => ({ name: 'Kim', email: email(i) }));

  test('fills its pages though each account is found by its address and its name', async () => {
    const { add, all, directory } = await open();
    const ids = await add(...kims(120, (i) => `kim${String(i).padStart(3, '0')}@x`));
    for (const limit of [1, 7, 100, 119, 120, 121]) {
      const page = await directory.list({ q: 'kim', limit });
      expect(page.items.map(({ id }) => id)).toEqual(ids.slice(0, limit));
      expect(page.nextCursor === null).toBe(limit >= 120);
    }
    expect(await all({ q: 'kim' }, 10)).toEqual({ ids, pages: 12 });
  });

  test('misses none of more accounts than a page examines', async () => {
    const { add, all } = await open();
    const ids = await add(...kims(1100, (i) => `kim${String(i).padStart(4, '0')}@x`));
    const { ids: listed, pages } = await all({ q: 'kim' }, 100);
    expect(listed).toEqual(ids);
    expect(pages).toBeLessThan(15);
  });
});

describe('a cursor', () => {
  const refused = expect.objectContaining({
    code: 'validation_failed',
    fields: [expect.objectContaining({ pointer: '#/cursor', code: 'invalid_cursor' })],
  });

  test('of another list is refused', async () => {
    const { directory, add } = await open();
    await add(
      ...Array.from({ length: 3 }, (_, i) => ({
        email: `a${i}@x.com`,
        phone: `+9177608739${i}`,
        disabledAt: 1,
        lockedUntil: 9e15,
        roles: ['editor'],
      })),
    );
    const lists: Filters[] = [
      {},
      { q: 'a' },
      { q: '+9' },
      { status: 'disabled' },
      { status: 'locked' },
      { status: 'unverified' },
      { role: 'editor' },
    ];
    for (const [i, filters] of lists.entries()) {
      const { nextCursor } = await directory.list({ ...filters, limit: 1 });
      for (const [j, others] of lists.entries()) {
        const read = directory.list({ ...others, limit: 1, cursor: nextCursor ?? 'none' });
        if (i === j) expect((await read).items).toHaveLength(1);
        else await expect(read).rejects.toEqual(refused);
      }
    }
  });

  test.each<[string, string]>([
    ['empty', ''],
    ['not base64url', 'a+b/c='],
    ['of other bytes', '____'],
    ['of other JSON', forgedCursor([])],
    ['null', forgedCursor(null)],
    ['without an id', forgedCursor({ list: 'id', key: 1 })],
    ['with a text for a number', forgedCursor({ list: 'id', key: '1', id: 1 })],
    ['with a fraction', forgedCursor({ list: 'id', key: 1.5, id: 1 })],
    ['with a number that is not safe', forgedCursor('{"list":"id","key":1e300,"id":1}')],
    ['with another member', forgedCursor({ list: 'id', key: 1, id: 1, sql: '' })],
  ])('that is %s is refused', async (_, cursor) => {
    const { directory } = await open();
    await expect(directory.list({ limit: 1, cursor })).rejects.toEqual(refused);
  });

  test('that is forged reads other accounts of the same list only', async () => {
    const { directory, add } = await open();
    const [ada] = await add({ name: 'ada' }, { name: 'bob' });
    const list = async (key: string, id: number) => {
      const cursor = forgedCursor({ list: 'text', key, id });
      return (await directory.list({ q: 'a', limit: 9, cursor })).items.map((item) => item.id);
    };
    expect(await list('', 0)).toEqual([ada]);
    expect(await list('ada', 0)).toEqual([ada]);
    expect(await list('ada', Number(ada))).toEqual([]);
    expect(await list('b', 0)).toEqual([]);
    expect(await list("' or 1=1 --", -1)).toEqual([ada]);
  });
});

describe('an account by its name', () => {
  test('is found by its id, email address and phone number, as an operator types them', async () => {
    const { directory, add } = await open();
    const [ada, bob] = await add(
      { email: 'ada@example.com' },
      { phone: '+917760873976', email: 'bob@example.com' },
    );
    const find = async (who: string) => (await directory.findByName(who))?.id;
    expect(await find(String(ada))).toBe(ada);
    expect(await find(` ${bob} `)).toBe(bob);
    expect(await find('ADA@Example.com')).toBe(ada);
    for (const phone of ['7760873976', '+91 77608 73976', '07760873976', '917760873976']) {
      expect(await find(phone)).toBe(bob);
    }
    const unknown = [
      '',
      '0',
      '99',
      '+1',
      'ada',
      'a@b',
      '@',
      '9'.repeat(15),
      '9'.repeat(16),
      '-1',
      '1.0',
    ];
    for (const who of unknown) expect(await find(who)).toBeUndefined();
  });
});
