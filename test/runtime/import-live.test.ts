import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DATABASE, importIn, reportOf } from '../support/import-program.ts';
import { missingMysql, PMS_TABLE, pmsRows, startMysql } from '../support/mysql-server.ts';
import { kpaStatements, startPostgres } from '../support/postgres-server.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { form, json } from '../support/test-app.ts';

type Login = readonly [name: string, password: string];

const PMS_LOGINS: readonly Login[] = [
  ['ada@example.com', 'analytical engine'],
  ['Grace.Hopper@example.com', 'nanoseconds-11.8in'],
  ['noname@example.com', 'correct horse battery staple'],
  ['unicode@example.com', 'pässwörd-日本-🔑'],
  // The address of the clash, as the decision has changed it.
  ['ada.2@example.com', 'second'],
];
const KPA_LOGINS: readonly Login[] = [
  ['7760873976', 'to_share@123'],
  ['9876543210', 'go to the moon 1969'],
  ['katherine@example.com', 'go to the moon 1969'],
  ['+14155550123', 'x'.repeat(80)],
  ['098765 12345', 'pässwörd-日本'],
  ['Mary.Jackson@Example.com', 'pässwörd-日本'],
];

/** Logs in on both contracts, on a server of its own. */
async function logInAll(folder: string, logins: readonly Login[]): Promise<void> {
  const settings = { DATABASE_URL: DATABASE, SECRET_KEY: 'x'.repeat(40) };
  const { baseUrl } = await startServer('node', folder, settings);
  for (const [name, password] of logins) {
    const own = await fetch(`${baseUrl}/auth/login`, form({ username: name, password }));
    const member = name.includes('@') ? { email: name } : { phone: name };
    const body = json('POST', { ...member, password });
    const other = await fetch(`${baseUrl}/api/v1/auth/login`, body);
    const wrong = await fetch(`${baseUrl}/auth/login`, form({ username: name, password: 'no' }));
    expect([name, own.status, other.status, wrong.status]).toEqual([name, 200, 200, 400]);
  }
}

test('latchkey import of a live PostgreSQL: each user logs in with the old password on both contracts', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  await server.run(kpaStatements());
  const folder = emptyFolder();
  const args = ['kpa', '--from', server.url.replace(':s3cr3t-pw', '')];
  const dry = await importIn(folder, [...args, '--dry-run'], { PGPASSWORD: 's3cr3t-pw' });
  expect([dry.status, dry.stderr]).toEqual([0, '']);
  const { status, report } = await reportOf(folder, args);
  expect([status, report.counts]).toMatchObject([0, { read: 4, imported: 4, clashes: {} }]);
  const again = await reportOf(folder, args);
  expect(again.report.counts).toMatchObject({ imported: 0, already_imported: 4 });
  await logInAll(folder, KPA_LOGINS);
});

test('latchkey import of a live MySQL: the clash is reported, and each user logs in with the old password', async ({
  skip,
}) => {
  if (missingMysql !== undefined) skip(missingMysql);
  const server = await startMysql();
  onTestFinished(() => server.stop());
  await server.run(PMS_TABLE, ...pmsRows());
  const folder = emptyFolder();
  const args = ['pms', '--from', server.url.replace(':s3cr3t-pw', '')];
  const settings = { MYSQL_PWD: 's3cr3t-pw' };
  const first = await importIn(folder, [...args, '--json'], settings);
  expect([first.status, JSON.parse(first.stdout)]).toMatchObject([
    3,
    {
      ...{ ended: 'clash', counts: { imported: 4, undecided: 1 } },
      accounts: [{ id: '5', clashes: [{ value: 'ADA@example.com', other_id: '1' }] }],
    },
  ]);
  writeFileSync(join(folder, 'decisions.json'), '{"5": {"email": "ada.2@example.com"}}');
  const resolved = await importIn(folder, [...args, '--resolve', 'decisions.json'], settings);
  expect([resolved.status, resolved.stderr]).toEqual([0, '']);
  await logInAll(folder, PMS_LOGINS);
});
