import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { imports } from '../../src/core/db/account-schema.ts';
import type { Database } from '../../src/core/db/database.ts';
import { users } from '../../src/core/db/schema.ts';
import type { ClashCode } from '../../src/features/imports/clash.ts';
import { databases } from '../support/databases.ts';
import { account, importInto, people, signUp, storedIn } from '../support/import-room.ts';

const open = databases['a file'] as () => Promise<Database>;

describe('an import', () => {
  test('of an id that has been given to another account is a clash, and loses no account', async () => {
    const db = await open();
    await importInto(db, people(3));
    const second = [
      account(1, { email: 'USER1@example.com' }),
      account(2, { email: 'other@example.com' }),
      account(3, { phone: '9876512345' }),
    ];
    const dry = await importInto(db, second, { isDryRun: true });
    expect([dry.clashes, dry.tally]).toMatchObject([
      [
        ['row 2', 'undecided', 'id_reused'],
        ['row 3', 'undecided', 'id_reused', 'email_taken'],
      ],
      { alreadyImported: 1, undecided: 2 },
    ]);
    expect((await importInto(db, second)).clashes).toEqual([['row 2', 'undecided', 'id_reused']]);
    const resolutions = { '2': { id: '2b' }, '3': 'skip' } as const;
    const decided = await importInto(db, second, { resolutions });
    expect([decided.ending, decided.tally]).toMatchObject([
      'done',
      { imported: 1, skipped: 1, alreadyImported: 1 },
    ]);
    expect((await storedIn(db)).map(({ email }) => email)).toContain('other@example.com');
    expect((await importInto(db, second, { resolutions })).tally).toMatchObject({
      ...{ imported: 0, skipped: 1, alreadyImported: 2 },
    });
    // Nothing is known of the addresses of a deleted account.
    await db.update(imports).set({ fingerprint: null });
    expect((await importInto(db, second)).tally).toMatchObject({ alreadyImported: 3 });
  });

  test('of an id that another run imports meanwhile with other addresses is a clash', async () => {
    const db = await open();
    const beforeStore = async () =>
      void (await importInto(db, [account(2, { email: 'other@example.com' })]));
    const { clashes, tally } = await importInto(db, people(3), { beforeStore, skipsClashes: true });
    expect([clashes, tally.imported]).toEqual([[['row 2', 'skipped', 'id_reused']], 2]);
  });

  test('applies decisions about kinds of clashes; what is left is a clash', async () => {
    const db = await open();
    await signUp(db, 'user5@example.com');
    const accounts = [
      account(1, { passwordHash: 'md5', name: '\u0000' }),
      account(2, { phone: '12' }),
      account(3, { phone: '9876512345' }),
      account(4, { phone: '98765 12345', bio: '\u0000' }),
      account(5, { phone: '9876500005' }),
      account(6, { id: '', email: 'user3@example.com', phone: '9876500006' }),
      account(7, { email: 'USER1@example.com' }),
      account(8, { passwordHash: 'md5', email: null }),
    ];
    const kinds = new Map<ClashCode, 'skip' | { email?: null; password?: null; phone?: null }>([
      ['unreadable_hash', { password: null }],
      ['invalid_phone', 'skip'],
      ['phone_twice', { phone: null }],
      ['email_taken', { email: null }],
      ['email_twice', { email: null }],
      ['invalid_locale', 'skip'],
    ]);
    const resolutions = { '1': { name: null }, '4': { bio: null } } as const;
    const options = { kinds, resolutions, skipsClashes: true } as const;
    const { clashes, unused } = await importInto(db, accounts, options);
    expect([clashes, unused]).toEqual([
      [
        ['row 2', 'skipped', 'invalid_phone'],
        ['row 7', 'skipped', 'no_address'],
        ['row 8', 'skipped', 'no_address'],
      ],
      ['*.invalid_locale'],
    ]);
    const rows = await db
      .select()
      .from(users)
      .where(sql`${users.id} in (select user_id from ${imports})`)
      .orderBy(users.id);
    expect(rows.map((row) => [row.email, row.phone, row.passwordHash !== null])).toEqual([
      ['user1@example.com', null, false],
      ['user3@example.com', '9876512345', true],
      ['user4@example.com', null, true],
      [null, '9876500005', true],
      [null, '9876500006', true],
    ]);
    const again = await importInto(db, accounts, options);
    expect(again.tally).toMatchObject({ imported: 0, skipped: 3, alreadyImported: 5 });
  });
});
