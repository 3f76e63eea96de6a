import { eq, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { reservedAddresses } from '../../src/core/db/account-schema.ts';
import type { Database } from '../../src/core/db/database.ts';
import { users } from '../../src/core/db/schema.ts';
import { createImportStore } from '../../src/features/imports/store.ts';
import { databases } from '../support/databases.ts';
import {
  account,
  HASH,
  importInto,
  NOW,
  people,
  signUp,
  storedIn,
} from '../support/import-room.ts';

const keysIn = async (db: Database) => (await storedIn(db)).map(({ key }) => key);

describe.each(Object.entries(databases))('an import into %s', (_, open) => {
  test('stores each account once, with all its values, in batches', async () => {
    const db = await open();
    const { id: first } = await signUp(db, 'demo@example.com');
    const accounts = [
      account(1, {
        ...{ email: ' Ada@Example.com', phone: '098765 12345', name: 'Ada ΛΟΣ', bio: 'a\nb "c"' },
        ...{ locale: 'hi', emailVerifiedAt: 5, phoneVerifiedAt: true, disabledAt: 7 },
        ...{ createdAt: 1, updatedAt: 2 },
      }),
      account(2, { passwordHash: null, name: null }),
      ...people(30).slice(2),
    ];
    const limits = { accounts: 7, bytes: 1_000_000 };
    const { ending, tally } = await importInto(db, accounts, { limits });
    expect([ending, tally]).toMatchObject(['done', { read: 30, imported: 30, withoutPassword: 1 }]);
    expect((await storedIn(db)).map(({ id }) => id - first)).toEqual(
      people(30).map((_, i) => i + 1),
    );
    const [ada, second] = await db
      .select()
      .from(users)
      .where(sql`${users.id} > ${first}`)
      .orderBy(users.id);
    expect(ada).toMatchObject({
      ...{ email: 'Ada@Example.com', emailNormalized: 'ada@example.com', emailVerifiedAt: 5 },
      ...{ phone: '098765 12345', phoneNormalized: '+919876512345', phoneVerifiedAt: NOW },
      ...{ name: 'Ada ΛΟΣ', nameFolded: 'ada λοσ', bio: 'a\nb "c"', locale: 'hi', disabledAt: 7 },
      ...{ passwordHash: HASH, createdAt: 1, updatedAt: 2, version: 1, failedLogins: 0 },
    });
    expect(second).toMatchObject({
      ...{ passwordHash: null, emailVerifiedAt: null, name: null, nameFolded: null, bio: '' },
      ...{ createdAt: NOW, updatedAt: NOW, phone: null },
    });

    const again = await importInto(db, accounts, { limits: { accounts: 100, bytes: 2000 } });
    expect(again.tally).toMatchObject({ imported: 0, alreadyImported: 30 });
    expect(await storedIn(db)).toHaveLength(30);
    // Its ids are not used again.
    expect((await signUp(db, 'last@example.com')).id).toBe(first + 31);
  });

  test('stops at the first clash; what is before it is stored, and a decision lets it go on', async () => {
    const db = await open();
    const accounts = [
      account(1, { email: 'ada@example.com' }),
      account(2, { phone: '9876512345' }),
      account(3, { email: 'ADA@example.com' }),
      account(4),
      account(5, { email: null, phone: '+91 98765-12345' }),
      account(6, { email: null }),
      account(7, { passwordHash: 'md5' }),
    ];
    const dry = await importInto(db, accounts, { isDryRun: true });
    expect([dry.ending, dry.clashes, await keysIn(db)]).toEqual([
      'done',
      [
        ['row 3', 'undecided', 'email_twice'],
        ['row 5', 'undecided', 'phone_twice'],
        ['row 6', 'undecided', 'no_address'],
        ['row 7', 'undecided', 'unreadable_hash'],
      ],
      [],
    ]);
    expect(dry.rejected[0]?.clashes[0]).toMatchObject({ otherId: '1', otherPlace: 'row 1' });
    const stopped = await importInto(db, accounts);
    expect([stopped.ending, stopped.clashes]).toEqual([
      'clash',
      [['row 3', 'undecided', 'email_twice']],
    ]);
    expect(await keysIn(db)).toEqual(['1', '2']);
    const resolutions = {
      '3': { email: 'ada.2@example.com' },
      '5': 'skip',
      'row 6': { phone: '9876500006' },
      '7': { password: null },
      '99': 'skip',
    } as const;
    const decided = await importInto(db, accounts, { resolutions });
    expect([decided.ending, decided.clashes, decided.unused]).toEqual([
      'done',
      [['row 5', 'skipped', 'phone_twice']],
      ['99'],
    ]);
    expect(await keysIn(db)).toEqual(['1', '2', '3', '4', '6', '7']);
    // Without the decisions: imported is imported.
    expect((await importInto(db, accounts, { skipsClashes: true })).clashes).toEqual([
      ['row 5', 'skipped', 'phone_twice'],
    ]);
    const later = await importInto(db, accounts, { resolutions: { '5': { phone: '9876500005' } } });
    expect([later.ending, later.tally.imported]).toEqual(['done', 1]);
  });

  test('reports whose address is taken or reserved in the target, and skips it if told so', async () => {
    const db = await open();
    const { id } = await signUp(db, 'user2@example.com');
    await db.insert(reservedAddresses).values([
      {
        ...{ channel: 'email', address: 'user3@example.com', entered: 'x', userId: id },
        ...{ verifiedAt: 1, reservedUntil: NOW + 1 },
      },
      {
        ...{ channel: 'email', address: 'user4@example.com', entered: 'x', userId: id },
        ...{ verifiedAt: 1, reservedUntil: NOW },
      },
    ]);
    await importInto(db, [account(5)], { source: 'other' });
    const { rejected, clashes } = await importInto(db, people(5), { skipsClashes: true });
    expect(clashes).toEqual([
      ['row 2', 'skipped', 'email_taken'],
      ['row 3', 'skipped', 'email_taken'],
      ['row 5', 'skipped', 'email_taken'],
    ]);
    expect(rejected.map(({ clashes }) => clashes[0]?.userId)).toEqual([id, undefined, id + 1]);
    expect((await storedIn(db)).map(({ key, email }) => [key, email])).toEqual([
      ['5', 'user5@example.com'],
      ['1', 'user1@example.com'],
      ['4', 'user4@example.com'],
    ]);
  });

  test('an account that signs up in the same instant keeps its address', async () => {
    const db = await open();
    let signedUp = 0;
    const beforeStore = async () => {
      if (signedUp === 0) signedUp = (await signUp(db, 'user2@example.com')).id;
    };
    const { ending, tally, rejected, clashes } = await importInto(db, people(4), {
      ...{ beforeStore, skipsClashes: true },
    });
    expect([ending, tally, clashes]).toMatchObject([
      'done',
      { imported: 3, skipped: 1 },
      [['row 2', 'skipped', 'email_taken']],
    ]);
    expect(rejected[0]?.clashes[0]?.userId).toBe(signedUp);
    expect(await keysIn(db)).toEqual(['1', '3', '4']);
  });

  test('does not bring back an account that was deleted', async () => {
    const db = await open();
    await importInto(db, people(3));
    const [, second] = await storedIn(db);
    await db.delete(users).where(eq(users.id, second?.id ?? 0));
    for (const keepsIds of [false, true]) {
      const { tally } = await importInto(db, people(3), { keepsIds });
      expect(tally).toMatchObject({ imported: 0, alreadyImported: 3 });
    }
    expect((await db.select().from(users)).length).toBe(2);
  });

  test('keeps ids, except those that an account has or had', async () => {
    const db = await open();
    const kept = [account(70), account(8), account(1), account(9)];
    const { clashes } = await importInto(db, [account(8, { id: 'x' }), ...kept], {
      ...{ keepsIds: true, skipsClashes: true, limits: { accounts: 2, bytes: 1e6 } },
    });
    expect(clashes).toEqual([['row 8', 'skipped', 'invalid_id']]);
    expect((await storedIn(db)).map(({ key, id }) => [key, id])).toEqual([
      ...[1, 8, 9, 70].map((id) => [String(id), id]),
    ]);
    const { id } = await signUp(db, 'new@example.com');
    expect(id).toBe(71);
    const late = [account(71), account(72)];
    expect((await importInto(db, late, { keepsIds: true, skipsClashes: true })).clashes).toEqual([
      ['row 71', 'skipped', 'id_taken'],
    ]);
  });
});

describe('an import', () => {
  const open = databases['a file'] as () => Promise<Database>;

  test('of ids that are repeated, or missing, loses no account silently', async () => {
    const db = await open();
    const accounts = [
      account(1),
      account(2, { id: '1' }),
      account(3, { id: '' }),
      account(4, { id: '', email: 'USER3@example.com' }),
      account(5, { id: '', email: null, phone: '9876512345' }),
      account(6, { id: 'six@example.com' }),
    ];
    for (const limits of [
      { accounts: 1, bytes: 1e6 },
      { accounts: 100, bytes: 1e6 },
    ]) {
      const { clashes } = await importInto(db, accounts, { skipsClashes: true, limits });
      expect(clashes).toEqual([
        ['row 2', 'skipped', 'id_twice'],
        ['row 4', 'skipped', 'email_twice'],
      ]);
    }
    const resolutions = { 'row 2': { id: '2' }, 'row 4': { email: 'user4@example.com' } } as const;
    expect((await importInto(db, accounts, { resolutions })).tally.imported).toBe(2);
    const keys = await keysIn(db);
    expect(keys.filter((key) => key.startsWith('sha256:'))).toHaveLength(4);
    expect(JSON.stringify(keys)).not.toContain('@');
  });

  test('does not end for want of the sequence of ids', async () => {
    const db = await open();
    const { id } = await signUp(db, 'demo@example.com');
    await db.run(sql`delete from sqlite_sequence where name = 'users'`);
    expect((await importInto(db, people(2))).tally.imported).toBe(2);
    await db.run(sql`update sqlite_sequence set seq = 0 where name = 'users'`);
    expect((await importInto(db, people(4))).tally.imported).toBe(2);
    expect((await storedIn(db)).map((row) => row.id - id)).toEqual([1, 2, 3, 4]);
  });

  test('of a source that breaks off stores what comes before', async () => {
    const db = await open();
    const failure = new Error('disk');
    const running = importInto(db, people(5), { failure, limits: { accounts: 3, bytes: 1e6 } });
    await expect(running).rejects.toMatchObject({ name: 'SourceFailure', cause: failure });
    expect(await keysIn(db)).toEqual(['1', '2', '3', '4', '5']);
  });

  test('remembers whether ids are kept, once it has an account', async () => {
    const db = await open();
    const modeOf = (source: string) =>
      createImportStore(db, { source, clock: () => NOW }).hasKeptIds();
    await importInto(db, [account(1, { email: null })], { keepsIds: true, skipsClashes: true });
    expect(await modeOf('test')).toBeUndefined();
    await importInto(db, people(2), { keepsIds: true, limits: { accounts: 1, bytes: 1e6 } });
    await importInto(db, [account(9)], { source: 'other' });
    expect([await modeOf('test'), await modeOf('other')]).toEqual([true, false]);
  });

  test('of an account with clashes leaves its addresses to the next one', async () => {
    const db = await open();
    const accounts = [
      account(1, { passwordHash: 'x', email: 'a@example.com' }),
      account(2, { email: 'a@example.com' }),
    ];
    const { clashes } = await importInto(db, accounts, { skipsClashes: true });
    expect(clashes).toEqual([['row 1', 'skipped', 'unreadable_hash']]);
    expect(await keysIn(db)).toEqual(['2']);
  });

  test('ends after the batch in flight if asked to, and goes on later', async () => {
    const db = await open();
    let stored = 0;
    const { ending, tally } = await importInto(db, people(10), {
      limits: { accounts: 3, bytes: 1e6 },
      beforeStore: async () => void stored++,
      isStopped: () => stored === 2,
    });
    expect([ending, tally.imported]).toEqual(['interrupted', 6]);
    expect((await importInto(db, people(10))).tally).toMatchObject({
      ...{ read: 10, imported: 4, alreadyImported: 6 },
    });
  });

  test('of one source twice at the same time stores each account once', async () => {
    const db = await open();
    const runs = await Promise.all(
      [3, 5, 7].map((accounts) => importInto(db, people(50), { limits: { accounts, bytes: 1e6 } })),
    );
    expect(runs.map(({ ending }) => ending)).toEqual(['done', 'done', 'done']);
    expect(runs.reduce((sum, { tally }) => sum + tally.imported, 0)).toBe(50);
    for (const { tally } of runs) expect(tally.imported + tally.alreadyImported).toBe(50);
    expect(new Set(await keysIn(db)).size).toBe(50);
    expect(await db.select().from(users)).toHaveLength(50);
  });
});
