import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, onTestFinished, test } from 'vitest';
import type { RunningProcess } from '../support/process.ts';
import { type ProgramResult, run, runProgram } from '../support/program.ts';
import { emptyFolder, SERVERS, type ServerName } from '../support/server.ts';
import { snapshotOf } from '../support/snapshot.ts';
import { startSqld } from '../support/sqld.ts';
import { ROOT } from '../support/targets.ts';

const DATABASE_URL = 'file:./pms.db';
const PRODUCTION = { APP_ENV: 'production', SECRET_KEY: 'Vt7kq0dWm3Zs9Lr2Xy5Bn8Hc4Jf6Gp1A' };
const REFUSAL =
  /^DATABASE_URL: \/\S+\/pms\.db belongs to another program \(tables: users\)\. Nothing was changed\. .*\n$/;

/**
 * Runs a program in a folder with the database of the replaced backend. The program must not change a single byte of
 * it.
 */
async function expectRefused(start: (folder: string) => Promise<ProgramResult>): Promise<void> {
  const folder = emptyFolder();
  copyFileSync(join(ROOT, 'test/fixtures/pms.db'), join(folder, 'pms.db'));
  const before = snapshotOf(folder);
  const { status, stdout, stderr } = await start(folder);
  expect([status, stdout, stderr]).toEqual([1, '', expect.stringMatching(REFUSAL)]);
  expect(snapshotOf(folder)).toEqual(before);
}

test.each(Object.keys(SERVERS) as ServerName[])(
  '[S51] %s does not start on a database of another program, and does not change it',
  async (name) => {
    for (const settings of [{}, PRODUCTION]) {
      await expectRefused((folder) =>
        run(SERVERS[name](), folder, { PORT: '0', DATABASE_URL, ...settings }),
      );
    }
  },
);

test.each([
  ['migrate', []],
  ['check', []],
  ['keys', ['list']],
  ['keys', ['rotate']],
] as const)('[S51] %s %s does not change a database of another program', async (name, args) => {
  const settings = { DATABASE_URL, ALGORITHM: 'ES256' };
  await expectRefused((folder) => runProgram(name, args, folder, settings));
});

test('[S51] db:migrate does not change a database of another program on a libSQL server', async () => {
  const folder = emptyFolder();
  const processes: RunningProcess[] = [];
  onTestFinished(async () => {
    for (const running of processes) await running.stop();
  });
  const url = await startSqld(folder, processes);
  const client = createClient({ url });
  onTestFinished(() => client.close());
  await client.execute('CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)');
  const { status, stderr } = await runProgram('migrate', [], folder, { DATABASE_URL: url });
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/the database belongs to another program \(tables: users\)/),
  ]);
  expect(stderr).not.toContain(url);
  const { rows } = await client.execute('SELECT name FROM sqlite_schema');
  expect(rows.map(({ name }) => name)).toEqual(['users']);
});
