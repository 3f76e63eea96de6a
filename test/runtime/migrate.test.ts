import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Api } from '../support/api.ts';
import { bareEnvironment, type RunningProcess } from '../support/process.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { freePort, ROOT, startSqld } from '../support/targets.ts';

function migrate(folder: string, settings: Record<string, string>) {
  return spawnSync(process.execPath, [join(ROOT, 'dist/runtime/migrate.js')], {
    cwd: folder,
    env: { ...bareEnvironment(), ...settings },
    encoding: 'utf8',
    timeout: 30_000,
  });
}

test('a server on a new remote database is not ready, until db:migrate has run, without a restart', async () => {
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
    const { status, stdout } = migrate(folder, { DATABASE_URL });
    expect([time, status, stdout.trim()]).toEqual([time, 0, 'The database is up to date.']);
  }
  expect((await api.get('/readyz')).status).toBe(200);
  const { bearer } = await api.newAccount();
  expect((await api.get('/profile/me', bearer)).status).toBe(200);
});

test('db:migrate tells a server that is not there in words, and exits 1', async () => {
  const DATABASE_URL = `http://127.0.0.1:${await freePort()}`;
  const { status, stderr } = migrate(emptyFolder(), { DATABASE_URL });
  expect(status).toBe(1);
  expect(stderr).toContain('ECONNREFUSED');
  expect(stderr).not.toContain('    at ');
});

test('db:migrate needs no setting but where the database is', () => {
  const folder = emptyFolder();
  const { status } = migrate(folder, { APP_ENV: 'production', DATABASE_URL: 'file:./x.db' });
  expect(status).toBe(0);
});
