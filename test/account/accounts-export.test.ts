import { parse } from 'csv-parse/sync';
import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { userRoles } from '../../src/core/db/account-schema.ts';
import { auditEvents, users } from '../../src/core/db/schema.ts';
import {
  ACCOUNT_COLUMNS,
  type ExportedUser,
  prepareAccountsExport,
} from '../../src/features/export/accounts.ts';
import { textOf } from '../../src/runtime/commands/export/format.ts';
import { createTestApp, newUser, type TestApp } from '../support/test-app.ts';

const CALLER = { requestId: 'r', address: null, network: null, userAgent: null };
const REQUEST = { operator: 'eve', format: 'csv', caller: CALLER };

const prepare = ({ db, deps }: TestApp, pageRows: number) =>
  prepareAccountsExport({ db, clock: deps.clock, pageRows });

async function allOf<Item>(pages: AsyncIterable<readonly Item[]>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}

async function written(format: 'csv' | 'ndjson', accounts: readonly ExportedUser[]) {
  let text = '';
  for await (const part of textOf(format, pagesOf(accounts))) text += part;
  return text;
}

async function* pagesOf(accounts: readonly ExportedUser[]) {
  for (let i = 0; i < accounts.length; i += 2) yield accounts.slice(i, i + 2);
}

const EMPTY = { ...Object.fromEntries(ACCOUNT_COLUMNS.map((name) => [name, null])), roles: [] };

describe('an export of all accounts', () => {
  test('has each account with its hash, phone number in E.164, times and roles, in the order of the ids', async () => {
    const room = await createTestApp();
    const ada = await newUser(room.app, 'Ada@Example.com');
    await room.db
      .update(users)
      .set({
        ...{ phone: '98765 43210', phoneNormalized: '+919876543210', name: 'Ada', bio: 'a\r\n"b"' },
        ...{ locale: 'hi', timeZone: 'Asia/Kolkata', fields: '{"city":"Pune"}' },
        ...{ emailVerifiedAt: 0, phoneVerifiedAt: 1, disabledAt: 1234 },
      })
      .where(eq(users.id, ada.id));
    for (const role of ['b', 'a']) {
      await room.db.insert(userRoles).values({ userId: ada.id, role, grantedAt: 1 });
    }
    const bob = await newUser(room.app, 'bob@example.com');
    const [first, second] = await allOf((await prepare(room, 1)).pages(REQUEST));
    expect(Object.keys(first ?? {})).toEqual(ACCOUNT_COLUMNS);
    expect(first).toEqual({
      ...{ id: ada.id, email: 'Ada@Example.com', phone: '+919876543210' },
      password_hash: expect.stringMatching(/^\$pbkdf2-sha256-chain\$r=1,i=1000\$/),
      ...{ name: 'Ada', bio: 'a\r\n"b"', locale: 'hi' },
      ...{ time_zone: 'Asia/Kolkata', fields: '{"city":"Pune"}' },
      email_verified_at: '1970-01-01T00:00:00.000Z',
      phone_verified_at: '1970-01-01T00:00:00.001Z',
      ...{ created_at: '2026-01-01T12:00:00.000Z', updated_at: '2026-01-01T12:00:00.000Z' },
      ...{ disabled_at: '1970-01-01T00:00:01.234Z', roles: ['a', 'b'] },
    });
    expect(second).toMatchObject({ id: bob.id, phone: null, name: null, bio: '', roles: [] });
  });

  test('is recorded once, with the operator and counts, before the first account', async () => {
    const room = await createTestApp();
    await newUser(room.app);
    const events = () =>
      room.db.select().from(auditEvents).where(eq(auditEvents.action, 'accounts_export'));
    const pages = (await prepare(room, 1)).pages(REQUEST);
    expect(await events()).toEqual([]);
    await pages.next();
    await pages.return();
    expect(await events()).toMatchObject([
      {
        ...{ actorId: null, subjectId: null, outcome: 'success', requestId: 'r' },
        detail: JSON.stringify({ operator: 'eve', format: 'csv', accounts: 1 }),
      },
    ]);
  });

  test('that cannot be recorded returns no account', async () => {
    const room = await createTestApp();
    await newUser(room.app);
    const pages = (await prepare(room, 1)).pages(REQUEST);
    room.closeDatabase();
    await expect(pages.next()).rejects.toThrow();
  });

  test('goes on while accounts change: each is as its page finds it, the new ones are left out', async () => {
    const room = await createTestApp();
    const ids: number[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      ids.push((await newUser(room.app, `${name}@example.com`)).id);
    }
    const [a = 0, b = 0, c = 0, d = 0] = ids;
    const { total, pages } = await prepare(room, 1);
    expect(total).toBe(4);
    const reader = pages(REQUEST);
    const read = async () => (await reader.next()).value?.map(({ id, name }) => [id, name]);
    expect(await read()).toEqual([[a, null]]);
    await room.db.update(users).set({ name: 'after' }).where(eq(users.id, a));
    await room.db.update(users).set({ name: 'before' }).where(eq(users.id, b));
    await room.db.delete(users).where(eq(users.id, c));
    await newUser(room.app, 'e@example.com');
    expect(await read()).toEqual([[b, 'before']]);
    expect(await read()).toEqual([[d, null]]);
    expect(await read()).toBeUndefined();
  });

  test('of no accounts is a line of names as CSV, and nothing as NDJSON', async () => {
    const room = await createTestApp();
    expect(await allOf((await prepare(room, 1)).pages(REQUEST))).toEqual([]);
    expect(await written('csv', [])).toBe(`${ACCOUNT_COLUMNS.join(',')}\r\n`);
    expect(await written('ndjson', [])).toBe('');
  });
});

describe('the text of accounts', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
    fc.string({ unit: fc.constantFrom(...'",\r\n\t =+-@\\\'\u001b\u009b\u202e\u2028\ufeff') }),
  );
  const accounts = fc.array(
    fc.record({
      ...{ id: fc.nat(), email: fc.option(texts), phone: fc.option(texts) },
      ...{ password_hash: fc.option(texts), name: fc.option(texts), bio: texts },
      ...{ locale: fc.option(texts), time_zone: fc.option(texts), fields: fc.option(texts) },
      email_verified_at: fc.option(texts),
      ...{ phone_verified_at: fc.option(texts), created_at: texts, updated_at: texts },
      disabled_at: fc.option(texts),
      roles: fc.array(fc.stringMatching(/^[a-z0-9_-]{1,32}$/), { maxLength: 3 }),
    }),
    { maxLength: 5 },
  );

  test('csv-parse reads back what is written as CSV; null and empty are both empty', async () => {
    await fc.assert(
      fc.asyncProperty(accounts, async (all) => {
        const rows = parse(await written('csv', all), {
          columns: true,
          record_delimiter: '\r\n',
        });
        const texts = all.map((account) =>
          Object.fromEntries(
            ACCOUNT_COLUMNS.map((name) => {
              const value = account[name];
              return [name, Array.isArray(value) ? value.join(' ') : String(value ?? '')];
            }),
          ),
        );
        expect(rows).toEqual(texts);
      }),
    );
  });

  test('each line of NDJSON is an account, without characters that a terminal acts on', async () => {
    await fc.assert(
      fc.asyncProperty(accounts, async (all) => {
        const text = await written('ndjson', all);
        expect(text).toMatch(/^(?:[^\p{Cc}\u2028\u202e]+\n)*$/u);
        const lines = text.split('\n').slice(0, -1);
        expect(lines.map((line) => JSON.parse(line))).toEqual(all);
      }),
    );
  });

  test('what a spreadsheet would run stays as it is', async () => {
    const text = await written('csv', [{ ...EMPTY, id: 1, name: '=1+1', bio: '@SUM(1)' } as never]);
    expect(text.split('\r\n')[1]).toBe('1,,,,=1+1,@SUM(1),,,,,,,,,');
  });
});
