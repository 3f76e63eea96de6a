import { copyFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isLoggedIn, refresh } from '../conformance/session-client.ts';
import { type Acknowledged, startLoad } from '../support/account-load.ts';
import { Api } from '../support/api.ts';
import { runProgram } from '../support/program.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { AS_A_WHOLE, countsIn } from '../support/whole-database.ts';

/** The key ring is encrypted in the database. The same secret decrypts it in the restored database. */
const SETTINGS = {
  DATABASE_URL: 'file:./latchkey.db',
  ALGORITHM: 'ES256',
  SECRET_KEY: 'the secret that is kept apart',
  SEED_DEMO_USER: 'false',
};

interface Backup {
  readonly file: string;
  /** The accounts that were acknowledged before the backup began. */
  readonly before: readonly Acknowledged[];
}

/** Makes several backups, one after another, of a server under load. */
async function backUpUnderLoad(folder: string, baseUrl: string, count: number) {
  const load = startLoad(baseUrl, 4);
  const backups: Backup[] = [];
  for (let i = 0; i < count; i++) {
    await load.moreAccounts(5);
    const file = join(folder, 'backups', `${i}.db`);
    const before = load.acknowledged();
    const writes = load.writes();
    const result = await runProgram('backup', [file], folder, SETTINGS);
    expect([result.status, result.stderr]).toEqual([0, '']);
    expect(result.stdout).toContain('Its integrity has been checked.');
    expect(load.writes()).toBeGreaterThan(writes);
    backups.push({ file, before });
  }
  await load.moreAccounts(5);
  await load.stop();
  return { backups, after: load.acknowledged() };
}

async function expectAllThere(api: Api, before: readonly Acknowledged[]): Promise<void> {
  expect(before.length).toBeGreaterThan(0);
  for (const account of before) {
    // The session is still live, and the profile contains the acknowledged number or a later one.
    const profile = await api.get('/profile/me', account.bearer);
    expect(profile.status).toBe(200);
    expect(Number(profile.at('bio'))).toBeGreaterThanOrEqual(account.bio);
    const refreshed = await refresh(api, account.refreshToken);
    expect(refreshed.status).toBe(200);
  }
  for (const { id, email, password } of before.slice(-10)) {
    const login = await api.logIn(email, password);
    const bearer = { Authorization: `Bearer ${login.at('access_token')}` };
    expect((await api.get('/profile/me', bearer)).at('id')).toBe(id);
    expect((await api.logIn(email, `${password}!`)).status).toBe(400);
  }
}

describe('npm run db:backup under load', () => {
  test('every backup is complete, contains everything that was acknowledged before it, and can be served', async () => {
    const folder = emptyFolder();
    const server = await startServer('node', folder, SETTINGS);
    const { backups, after } = await backUpUnderLoad(folder, server.baseUrl, 2);
    expect(server.output()).not.toMatch(/internal_error|database_unavailable/);

    const sizes: number[] = [];
    for (const { file, before } of backups) {
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const counts = await countsIn(`file:${file}`);
      expect(counts).toMatchObject(AS_A_WHOLE);
      expect(counts.users).toBeGreaterThanOrEqual(before.length);
      expect(counts.users).toBeLessThanOrEqual(after.length);
      sizes.push(counts.users);

      const restored = emptyFolder();
      copyFileSync(file, join(restored, 'latchkey.db'));
      const check = await runProgram('check', [], restored, SETTINGS);
      expect([check.status, check.stderr]).toEqual([0, '']);
      const twin = await startServer('node', restored, SETTINGS);
      await expectAllThere(new Api(twin.baseUrl), before);
      await twin.stop();
    }
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(sizes.at(-1)).toBeGreaterThan(sizes[0] ?? 0);
    expect(readdirSync(join(folder, 'backups'))).toEqual(['0.db', '1.db']);
  });

  test('a backup can be restored as docs/operations.md describes: stop, replace, start', async () => {
    const folder = emptyFolder();
    const server = await startServer('node', folder, SETTINGS);
    const { backups, after } = await backUpUnderLoad(folder, server.baseUrl, 1);
    const [backup] = backups;
    // Killed, so that the last writes are still in the -wal file.
    server.kill('SIGKILL');
    await server.exit;
    expect(readdirSync(folder)).toContain('latchkey.db-wal');

    const path = join(folder, 'latchkey.db');
    for (const name of [path, `${path}-wal`, `${path}-shm`]) rmSync(name, { force: true });
    copyFileSync(backup?.file ?? '', path);
    const api = new Api((await startServer('node', folder, SETTINGS)).baseUrl);
    await expectAllThere(api, backup?.before ?? []);

    const later = after.at(-1);
    if (!later) throw new Error('There was no load');
    // This account was created after the backup. It is gone, and its address can be used again.
    expect(await isLoggedIn(api, later)).toBe(false);
    const { email, password } = later;
    expect((await api.json('POST', '/auth/signup', { email, password })).status).toBe(201);
  });
});
