import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import legacyHashes from '../fixtures/legacy-hashes.json' with { type: 'json' };
import { importIn, reader, reportOf, textOf, writeAccounts } from '../support/import-program.ts';
import { runProgram } from '../support/program.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { ROOT } from '../support/targets.ts';
import { form, json } from '../support/test-app.ts';

const fixture = (name: string) => join(ROOT, 'test/fixtures', name);
const PMS = ['pms', '--from', `sqlite:${fixture('pms.db')}`];
const KPA = ['kpa', '--from', `sql:${fixture('kpa.sql')}`];

/** The accounts of both backends that can be imported as they are. */
const PASSWORDS: readonly (readonly [string, string])[] = [
  ['ada@example.com', 'analytical engine'],
  ['Grace.Hopper@example.com', 'nanoseconds-11.8in'],
  ['noname@example.com', 'correct horse battery staple'],
  ['unicode@example.com', 'pässwörd-日本-🔑'],
  ['7760873976', 'to_share@123'],
  ['9876543210', 'go to the moon 1969'],
  ['+14155550123', 'x'.repeat(80)],
  ['098765 12345', 'pässwörd-日本'],
  ['Mary.Jackson@Example.com', 'pässwörd-日本'],
];

const counts = (imported: number, more: object = {}) => ({
  ...{ read: imported, imported, already_imported: 0, skipped: 0, undecided: 0 },
  ...{ without_password: 0, clashes: {}, ...more },
});

describe('latchkey import', () => {
  test.each([
    ['databases and dumps', PMS, KPA],
    ['CSV', PMS, ['kpa', '--from', `csv:${fixture('kpa-users.csv')}`]],
  ])(
    'of both backends from %s: each user logs in with the old password on both contracts',
    async (_, pms, kpa) => {
      const folder = emptyFolder();
      const first = await reportOf(folder, pms);
      expect([first.status, first.report.ended, first.report.counts]).toEqual([
        ...[3, 'clash', counts(4, { read: 5, undecided: 1, clashes: { email_twice: 1 } })],
      ]);
      expect(first.report.accounts).toMatchObject([
        { id: '5', outcome: 'undecided', clashes: [{ value: 'ADA@example.com', other_id: '1' }] },
      ]);
      writeFileSync(join(folder, 'decisions.json'), '{"5": {"email": "ada.2@example.com"}}');
      const resolved = await reportOf(folder, [...pms, '--resolve', 'decisions.json']);
      expect([resolved.status, resolved.report.counts]).toEqual([
        ...[0, counts(1, { read: 5, already_imported: 4 })],
      ]);
      const others = await reportOf(folder, kpa);
      expect([others.status, others.report.counts]).toEqual([0, counts(4)]);

      const settings = { DATABASE_URL: 'file:./a.db', SECRET_KEY: 'x'.repeat(40) };
      const { baseUrl } = await startServer('node', folder, settings);
      for (const [name, password] of [...PASSWORDS, ['ada.2@example.com', 'second'] as const]) {
        const own = await fetch(`${baseUrl}/auth/login`, form({ username: name, password }));
        expect([name, own.status]).toEqual([name, 200]);
        const member = name.includes('@') ? { email: name } : { phone: name };
        const other = await fetch(
          `${baseUrl}/api/v1/auth/login`,
          json('POST', { ...member, password }),
        );
        expect([name, other.status]).toEqual([name, 200]);
        const wrong = await fetch(
          `${baseUrl}/auth/login`,
          form({ username: name, password: 'no' }),
        );
        expect(wrong.status).toBe(400);
      }
      const read = reader(folder);
      const events = await read(`SELECT subject_id, detail FROM audit_events
      WHERE action = 'accounts_import' ORDER BY id`);
      expect(events.map(({ detail }) => JSON.parse(String(detail)))).toMatchObject([
        { kind: 'pms', source: 'pms', imported: 4, ended: 'clash', operator: expect.any(String) },
        { imported: 1, already_imported: 4, ended: 'done' },
        { kind: 'kpa', imported: 4 },
      ]);
      expect(
        await read('SELECT count(*) AS n FROM users WHERE email_verified_at IS NOT NULL'),
      ).toEqual([{ n: 0 }]);
    },
  );

  test('--dry-run lists each clash, creates no database and changes none', async () => {
    const folder = emptyFolder();
    const { status, stdout, stderr } = await importIn(folder, [...PMS, '--dry-run']);
    expect([status, stderr, readdirSync(folder)]).toEqual([3, '', []]);
    expect(stdout).toMatch(
      /^row 5, id 5: email_twice: .*account 1 \(row 1\).* \[ADA@example\.com\]$/m,
    );
    expect(stdout).toMatch(/^ {2}to import +4$/m);
    expect((await importIn(folder, [...PMS, '--dry-run', '--skip-clashes'])).status).toBe(0);

    await runProgram('migrate', [], folder, { DATABASE_URL: 'file:./a.db' });
    const read = reader(folder);
    const before = await read('SELECT * FROM sqlite_sequence');
    expect((await importIn(folder, [...KPA, '--dry-run'])).status).toBe(0);
    await importIn(folder, KPA);
    const dry = await reportOf(folder, [...KPA, '--dry-run', '--source', 'again']);
    expect(dry.report.counts).toMatchObject({ to_import: 0, undecided: 4 });
    expect(dry.report.counts.clashes).toEqual({ email_taken: 3, phone_taken: 4 });
    expect(before).toEqual([]);
    expect(await read('SELECT count(*) AS n FROM users')).toEqual([{ n: 4 }]);
  });

  test('--skip-clashes leaves out what clashes, and reports it in files that only the owner can read', async () => {
    const folder = emptyFolder();
    const args = [...PMS, '--skip-clashes', '--report'];
    expect((await importIn(folder, [...args, 'r.json'])).status).toBe(0);
    expect((await importIn(folder, [...args, 'r.txt'])).status).toBe(0);
    const report = JSON.parse(textOf(folder, 'r.json'));
    expect(report).toMatchObject({
      ...{ kind: 'pms', source: 'pms', dry_run: false, ended: 'done', unused_decisions: [] },
      accounts: [{ place: 'row 5', id: '5', outcome: 'skipped' }],
    });
    expect(textOf(folder, 'r.txt')).toMatch(/^row 5, id 5: email_twice: .* \(skipped\)$/m);
    for (const name of ['r.json', 'r.txt']) {
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
      expect(textOf(folder, name)).not.toContain('pbkdf2');
    }
    const again = await importIn(folder, [...args, 'r.txt']);
    expect([again.status, again.stderr]).toEqual([1, expect.stringMatching(/r\.txt exists/)]);
    expect(readdirSync(folder).filter((name) => name.includes('draft'))).toEqual([]);
  });

  test('lists twenty accounts on standard output, all of them in the report', async () => {
    const folder = emptyFolder();
    await writeAccounts(join(folder, 'a.csv'), 60, (n) => `\u202euser${n % 20}@exam\u001bple.com`);
    const args = ['pms', '--from', 'csv:a.csv', '--dry-run', '--report', 'all.txt'];
    const { status, stdout } = await importIn(folder, args);
    expect(status).toBe(3);
    expect(stdout.match(/^line /gm)).toHaveLength(20);
    expect(stdout).toMatch(/^And 40 more: they are in all\.txt\.$/m);
    for (const unsafe of ['\u001b', '\u202e']) expect(stdout).not.toContain(unsafe);
    expect(textOf(folder, 'all.txt').match(/^line /gm)).toHaveLength(60);
    const json = await reportOf(folder, args.slice(0, 4));
    expect(json.report.accounts).toHaveLength(60);
  });

  test('--keep-ids keeps them, only in a database without other accounts', async () => {
    const folder = emptyFolder();
    expect((await importIn(folder, [...PMS, '--keep-ids', '--skip-clashes'])).status).toBe(0);
    expect((await importIn(folder, [...PMS, '--keep-ids', '--skip-clashes'])).status).toBe(0);
    expect(await reader(folder)('SELECT id, email_normalized FROM users WHERE id = 2')).toEqual([
      { id: 2, email_normalized: 'grace.hopper@example.com' },
    ]);
    const refused = await importIn(folder, [...KPA, '--keep-ids']);
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^--keep-ids: the database has accounts .* demo user/);
  });

  test('--keep-ids goes on beside other accounts; a run without it is refused, and the other way round', async () => {
    const folder = emptyFolder();
    await writeAccounts(join(folder, 'a.csv'), 1);
    const args = ['pms', '--from', 'csv:a.csv'];
    expect((await importIn(folder, [...args, '--keep-ids'])).status).toBe(0);
    expect((await importIn(folder, KPA)).status).toBe(0);
    await writeAccounts(join(folder, 'a.csv'), 9);
    const { status, report } = await reportOf(folder, [...args, '--keep-ids', '--skip-clashes']);
    expect([status, report.counts]).toMatchObject([
      0,
      { imported: 4, already_imported: 1, skipped: 4, clashes: { id_taken: 4 } },
    ]);
    for (const more of [[], ['--dry-run']]) {
      const without = await importIn(folder, [...args, ...more]);
      expect([without.status, without.stderr]).toEqual([
        ...[1, 'Earlier runs have imported pms with --keep-ids. Go on with it.\n'],
      ]);
      const other = await importIn(folder, [...KPA, '--keep-ids', ...more]);
      expect([other.status, other.stderr]).toEqual([
        ...[1, '--keep-ids: earlier runs have imported kpa without it. Go on without it.\n'],
      ]);
    }
  });

  test.each([
    ['in journal mode DELETE', true, 0],
    ['that is not migrated', false, 1],
  ])('--dry-run changes no byte of a database %s', async (_, isMigrated, expected) => {
    const folder = emptyFolder();
    const path = join(folder, 'a.db');
    if (isMigrated) await runProgram('migrate', [], folder, { DATABASE_URL: 'file:./a.db' });
    else copyFileSync(fixture('0.1.0.db'), path);
    const client = createClient({ url: `file:${path}` });
    await client.execute('PRAGMA journal_mode = DELETE');
    client.close();
    const [before, bytes] = [readdirSync(folder), readFileSync(path)];
    const { status, stderr } = await importIn(folder, [...KPA, '--dry-run']);
    expect([status, stderr]).toEqual([
      ...[expected, isMigrated ? '' : expect.stringMatching(/^The database is not up to date/)],
    ]);
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test('--d1 refuses hashes that Workers refuse', async () => {
    const folder = emptyFolder();
    const hash = legacyHashes.find((vector) => vector.hash.startsWith('argon2$'))?.hash;
    const header = 'id,email,hashed_password,name,bio';
    writeFileSync(join(folder, 'a.csv'), `${header}\r\n1,a@example.com,"${hash}",,\r\n`);
    const args = ['pms', '--from', 'csv:a.csv', '--dry-run'];
    expect((await importIn(folder, args)).status).toBe(0);
    const { status, stdout } = await importIn(folder, [...args, '--d1', 'out']);
    expect([status, stdout]).toEqual([3, expect.stringMatching(/more memory than Workers have/)]);
  });

  test('decides about kinds of clashes', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'kinds.json'), '{"*": {"email_twice": "skip", "id_twice": "skip"}}');
    const { status, report } = await reportOf(folder, [...PMS, '--resolve', 'kinds.json']);
    expect([status, report.counts, report.unused_decisions]).toMatchObject([
      ...[0, { imported: 4, skipped: 1 }, ['*.id_twice']],
    ]);
  });

  test('of mapped columns has the name that the map gives', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'a.csv'), 'nr,mail\r\n1,ada@example.com\r\n2,\r\n');
    const map = { source: 'crm', columns: { id: 'nr', email: 'mail' } };
    writeFileSync(join(folder, 'map.json'), JSON.stringify(map));
    const args = ['csv', '--from', 'csv:a.csv', '--map', 'map.json', '--operator', "O'Hara"];
    const { status, report } = await reportOf(folder, args);
    expect([status, report.source, report.counts]).toMatchObject([
      ...[3, 'crm', { imported: 1, without_password: 1, clashes: { no_address: 1 } }],
    ]);
    const [event] = await reader(folder)('SELECT detail FROM audit_events');
    expect(JSON.parse(String(event?.detail))).toMatchObject({ operator: "O'Hara", source: 'crm' });
  });
});
