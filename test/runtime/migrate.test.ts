import { expect, onTestFinished, test } from 'vitest';
import { Api } from '../support/api.ts';
import { freePort } from '../support/free-port.ts';
import type { RunningProcess } from '../support/process.ts';
import { runProgram } from '../support/program.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { startSqld } from '../support/sqld.ts';

const migrate = (folder: string, settings: Record<string, string>) =>
  runProgram('migrate', [], folder, settings);

test('a server on a new remote database becomes ready after db:migrate, without a restart', async () => {
  const folder = emptyFolder();
  const processes: RunningProcess[] = [];
  onTestFinished(async () => {
    for (const running of processes) await running.stop();
  });
  const DATABASE_URL = await startSqld(folder, processes);
  const server = await startServer('node', folder, { DATABASE_URL });
  const api = new Api(server.baseUrl);
  expect(server.output()).toContain('npm run db:migrate');
  expect((await api.get('/readyz')).status).toBe(503);
  expect((await api.get('/healthz')).status).toBe(200);

  for (const time of ['first', 'again']) {
    const { status, stdout } = await migrate(folder, { DATABASE_URL });
    expect([time, status, stdout.trim()]).toEqual([time, 0, 'The database is up to date.']);
  }
  expect((await api.get('/readyz')).status).toBe(200);
  const { bearer } = await api.newAccount();
  expect((await api.get('/profile/me', bearer)).status).toBe(200);
});

test('db:migrate explains that a server is unreachable and exits with 1', async () => {
  const DATABASE_URL = `http://127.0.0.1:${await freePort()}`;
  const { status, stderr } = await migrate(emptyFolder(), { DATABASE_URL });
  expect(status).toBe(1);
  expect(stderr).toContain('ECONNREFUSED');
  expect(stderr).not.toContain('    at ');
});

test('db:migrate needs only the setting for the database', async () => {
  const folder = emptyFolder();
  const { status } = await migrate(folder, { APP_ENV: 'production', DATABASE_URL: 'file:./x.db' });
  expect(status).toBe(0);
});
