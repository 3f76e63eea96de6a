import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Api } from '../support/api.ts';
import type { RunningProcess } from '../support/process.ts';
import { runProgram } from '../support/program.ts';
import { known, loadReleased } from '../support/released-dump.ts';
import { BRISK_SERVERS, emptyFolder, startServer } from '../support/server.ts';
import { startSqld } from '../support/sqld.ts';

/** A database as a server of 0.1.0 has left it, and the program of today on it. */
async function upgrading(of: 'a file' | 'a libSQL server') {
  const folder = emptyFolder();
  const url = of === 'a file' ? 'file:./a.db' : await serverUrl();
  const moved = await loadReleased(url.replace('file:.', `file:${folder}`));
  const settings = { ...known.settings, DATABASE_URL: url, PASSWORD_ROUNDS: '6' };
  return {
    folder,
    moved,
    settings,
    run: (...args: string[]) => runProgram('latchkey', args, folder, settings),
  };
}

async function serverUrl(): Promise<string> {
  const processes: RunningProcess[] = [];
  onTestFinished(async () => {
    for (const running of processes) await running.stop();
  });
  return startSqld(emptyFolder(), processes);
}

const refresh = (api: Api, refreshToken: string) =>
  api.json('POST', '/auth/refresh', { refresh_token: refreshToken });

const bearer = (token: unknown) => ({ Authorization: `Bearer ${token}` });

describe.each(['a file', 'a libSQL server'] as const)('a database of 0.1.0 in %s', (of) => {
  test('is migrated, and its users go on with their tokens, passwords and profiles', {
    timeout: 180_000,
  }, async () => {
    const { folder, moved, settings, run } = await upgrading(of);
    const early = await run('check');
    expect([early.status, early.stdout]).toEqual([
      1,
      expect.stringMatching(/6 of 12 missing: run/),
    ]);
    for (const args of [
      ['users', 'list'],
      ['export', 'users', '--to', 'csv'],
    ]) {
      const { status, stdout, stderr } = await run(...args);
      expect([args, status, stdout]).toEqual([args, 1, '']);
      expect(stderr).toMatch(/^The database is not up to date\. Run `latchkey migrate`/);
    }
    expect((await run('migrate')).stdout).toBe('The database is up to date.\n');
    const check = await run('check');
    expect([check.status, check.stdout]).toEqual([0, expect.stringMatching(/ok, all 12 applied/)]);

    const server = await startServer('node', folder, settings);
    const api = new Api(server.baseUrl);
    const { ada, katherine, grace, locked } = known;

    const refreshed = await refresh(api, ada.refreshToken);
    expect(refreshed.status).toBe(200);
    const profile = await api.get('/profile/me', bearer(refreshed.at('access_token')));
    expect(profile.body).toMatchObject({
      ...{ id: 2, email: 'Ada@Example.com', phone: null },
      ...{ name: 'Ada Lovelace', bio: 'First programmer.', email_verified: false },
      created_at: new Date(1_796_092_445_157 + moved).toISOString(),
    });
    expect((await refresh(api, ada.otherRefreshToken)).status).toBe(200);
    expect((await refresh(api, grace.refreshToken)).status).toBe(200);
    expect((await refresh(api, grace.endedRefreshToken)).status).toBe(401);

    expect((await api.logIn('ADA@example.com', ada.password)).status).toBe(200);
    expect((await api.logIn(grace.email, grace.oldPassword)).status).toBe(400);
    expect((await api.logIn(grace.email, grace.password)).status).toBe(200);
    const byPhone = await api.json('POST', '/api/v1/auth/login', {
      ...{ phone: '+91 98765-43210', password: katherine.password },
    });
    expect([byPhone.status, byPhone.at('status')]).toEqual([200, 'success']);
    const shown = await api.get('/api/v1/user/profile', bearer(byPhone.at('data.token')));
    expect(shown.at('data')).toMatchObject({ phone: katherine.phone, name: katherine.name });
    expect((await refresh(api, katherine.refreshToken)).status).toBe(200);

    expect((await api.logIn(locked.email, locked.password)).status).toBe(400);
    expect((await run('users', 'unlock', locked.email)).status).toBe(0);
    expect((await api.logIn(locked.email, locked.password)).status).toBe(200);

    const newcomer = await api.newAccount();
    expect(newcomer.id).toBe(6);
    expect((await api.get('/profile/me', newcomer.bearer)).status).toBe(200);
    const signUp = { phone: '98765 43211', name: 'Dorothy', password: 'fortran for the 704' };
    expect((await api.json('POST', '/api/v1/auth/signup', signUp)).status).toBe(201);
    const taken = { email: 'ada@example.com', password: 'fortran for the 704' };
    expect((await api.json('POST', '/auth/signup', taken)).status).toBe(400);
    expect(await server.stop()).toBe(true);
    expect(server.output()).not.toContain('"level":"error"');
    expect((await run('check')).status).toBe(0);
  });

  test('lets administrators find its names once housekeeping has run', {
    timeout: 120_000,
  }, async () => {
    const { folder, settings, run } = await upgrading(of);
    await run('migrate');
    expect((await run('users', 'grant', '2', 'admin')).status).toBe(0);
    const server = await startServer('node', folder, settings, BRISK_SERVERS);
    const api = new Api(server.baseUrl);
    const login = await api.logIn(known.ada.email, known.ada.password);
    const find = async (text: string) => {
      const found = await api.get(`/admin/users?q=${text}`, bearer(login.at('access_token')));
      expect(found.status).toBe(200);
      return found.at('items.0.phone') ?? null;
    };
    await expect.poll(() => find('katherine%20j'), { timeout: 30_000 }).toBe(known.katherine.phone);
    expect(await find('johnson')).toBeNull();
    expect(await server.stop()).toBe(true);
  });
});

test('a backup of a database of 0.1.0, restored, is migrated by the server that opens it', async () => {
  const { folder, settings, run } = await upgrading('a file');
  expect((await run('backup', 'before.db')).status).toBe(0);
  await run('migrate');
  // The restore that docs/operations.md describes, into another folder.
  const other = emptyFolder();
  copyFileSync(join(folder, 'before.db'), join(other, 'a.db'));
  const restored = (...args: string[]) => runProgram('latchkey', args, other, settings);
  expect((await restored('check')).stdout).toMatch(/6 of 12 missing/);
  // A server migrates its file by itself.
  const server = await startServer('node', other, settings);
  const { ada } = known;
  expect((await new Api(server.baseUrl).logIn(ada.email, ada.password)).status).toBe(200);
  expect(await server.stop()).toBe(true);
  expect((await restored('check')).status).toBe(0);
  expect(readdirSync(other)).not.toContain('a.db.secret');
});

test('another SECRET_KEY ends the sessions of 0.1.0, and no password', async () => {
  const { folder, settings, run } = await upgrading('a file');
  await run('migrate');
  const changed = { ...settings, SECRET_KEY: 'another secret, which signs other tokens' };
  const server = await startServer('node', folder, changed);
  const api = new Api(server.baseUrl);
  expect((await refresh(api, known.ada.refreshToken)).status).toBe(401);
  expect((await api.logIn(known.ada.email, known.ada.password)).status).toBe(200);
  expect(await server.stop()).toBe(true);
  const again = { ...changed, SECRET_KEY_PREVIOUS: settings.SECRET_KEY };
  const next = await startServer('node', folder, again);
  expect((await refresh(new Api(next.baseUrl), known.ada.refreshToken)).status).toBe(200);
  expect(await next.stop()).toBe(true);
});

test('the migrated file passes a check for rows that lead nowhere, and keeps its ids', async () => {
  const { folder, run } = await upgrading('a file');
  await run('migrate');
  const client = createClient({ url: `file:${join(folder, 'a.db')}` });
  onTestFinished(() => client.close());
  const { rows } = await client.execute(
    'SELECT id, email, phone_normalized FROM users ORDER BY id',
  );
  expect(rows.map((row) => [row.id, row.email ?? row.phone_normalized])).toEqual([
    ...[
      [1, 'assignment.user@example.com'],
      [2, 'Ada@Example.com'],
      [3, '+919876543210'],
    ],
    ...[
      [4, 'grace@example.com'],
      [5, 'locked@example.com'],
    ],
  ]);
  expect((await client.execute('PRAGMA foreign_key_check')).rows).toEqual([]);
});
