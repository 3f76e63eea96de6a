import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { describe, expect, test } from 'vitest';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { Api } from '../support/api.ts';
import { bareEnvironment } from '../support/process.ts';
import { emptyFolder, SERVERS, type ServerName, startServer } from '../support/server.ts';

const names = Object.keys(SERVERS) as ServerName[];

/** Runs a server that is expected to exit by itself. */
function run(
  name: ServerName,
  folder: string,
  settings: Record<string, string>,
  ...extra: string[]
) {
  const [command = '', ...args] = SERVERS[name]();
  const env = { ...bareEnvironment(), PORT: '0', ...settings };
  return spawnSync(command, [...args, ...extra], {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 30_000,
  });
}

const logInDemo = (baseUrl: string) =>
  new Api(baseUrl).logIn(DEMO_USER.phone.entered, DEMO_USER.password);

describe.each(names)('%s, started in an empty folder', (name) => {
  test('creates its database in WAL mode, its secret and the demo user, and keeps them', async () => {
    const folder = emptyFolder();
    const first = await startServer(name, folder);
    const token = String((await logInDemo(first.baseUrl)).at('access_token'));
    expect(first.output()).toContain(
      `${first.baseUrl}/docs\nDemo login: ${DEMO_USER.phone.entered} with password ${DEMO_USER.password}\n`,
    );
    await first.stop();
    expect(await first.exit).toBe(0);

    const secret = join(folder, 'data/latchkey.db.secret');
    for (const path of [secret, join(folder, 'data/latchkey.db')]) {
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(secret, 'utf8').trim()).toMatch(/^[\w-]{64}$/);
    const client = createClient({ url: `file:${join(folder, 'data/latchkey.db')}` });
    expect((await client.execute('PRAGMA journal_mode')).rows[0]?.journal_mode).toBe('wal');
    client.close();

    const second = await startServer(name, folder);
    const profile = await new Api(second.baseUrl).get('/profile/me', {
      Authorization: `Bearer ${token}`,
    });
    expect([profile.status, profile.at('name')]).toEqual([200, DEMO_USER.name]);
    expect(second.output()).not.toContain('demo_user_created');
  });

  test('[S10] rejects production without proper settings: names all of them, repeats no value and exits with 1', () => {
    const settings = {
      APP_ENV: 'production',
      SECRET_KEY: 'short-and-recognisable',
      SEED_DEMO_USER: 'true',
      PORT: 'eight thousand',
    };
    const { status, stdout, stderr } = run(name, emptyFolder(), settings);
    expect(status).toBe(1);
    for (const key of ['SECRET_KEY', 'SEED_DEMO_USER', 'PORT'])
      expect(stderr).toContain(`${key}: `);
    expect(stdout + stderr).not.toMatch(/recognisable|eight thousand/);
  });

  test('--help lists every setting and exits with 0; any other argument exits with 2', () => {
    const help = run(name, emptyFolder(), {}, '--help');
    expect(help.status).toBe(0);
    for (const key of ['PORT', 'DATABASE_URL', 'SECRET_KEY', 'LOG_LEVEL', 'APP_ENV']) {
      expect(help.stdout).toContain(key);
    }
    const unknown = run(name, emptyFolder(), {}, '--prot');
    expect([unknown.status, unknown.stderr]).toEqual([
      2,
      'Unknown argument: --prot\nUsage: latchkey serve\n',
    ]);
  });

  test('explains that the port is in use and exits with 1', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const address = holder.address();
    const port = address && typeof address === 'object' ? String(address.port) : '';
    const { status, stderr } = run(name, emptyFolder(), { PORT: port });
    holder.close();
    expect([status, stderr]).toEqual([1, expect.stringContaining('The port is in use. Set PORT')]);
  });
});

describe('node', () => {
  test('processes that start at the same time in an empty folder share a secret, a schema and a demo user', async () => {
    const folder = emptyFolder();
    const servers = await Promise.all([1, 2, 3].map(() => startServer('node', folder)));
    const logIns = await Promise.all(servers.map(({ baseUrl }) => logInDemo(baseUrl)));
    expect(logIns.map(({ status }) => status)).toEqual([200, 200, 200]);
    for (const { baseUrl } of servers) {
      for (const logIn of logIns) {
        const headers = { Authorization: `Bearer ${logIn.at('access_token')}` };
        expect((await new Api(baseUrl).get('/profile/me', headers)).status).toBe(200);
      }
    }
  });

  test('reads .env if it exists, and the environment takes precedence', async () => {
    const folder = emptyFolder();
    const settings = ['DATABASE_URL="file:./other.db"', 'SEED_DEMO_USER=true', 'PORT=1'];
    writeFileSync(join(folder, '.env'), `\uFEFF${settings.join('\n')}`);
    const given = { SEED_DEMO_USER: 'false', DATABASE_URL: '' };
    const server = await startServer('node', folder, given);
    expect((await logInDemo(server.baseUrl)).status).toBe(400);
    expect(statSync(join(folder, 'other.db')).isFile()).toBe(true);
  });

  test('makes a secret file that others can read private again, and rejects a secret that is too short', async () => {
    const folder = emptyFolder();
    await (await startServer('node', folder)).stop();
    const secret = join(folder, 'data/latchkey.db.secret');
    chmodSync(secret, 0o644);
    await (await startServer('node', folder)).stop();
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    writeFileSync(secret, 'x');
    const { status, stderr } = run('node', folder, {});
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/SECRET_KEY: unset, .*too short\. Delete that file/),
    ]);
  });

  test('serves in production with proper settings, and logs only JSON', async () => {
    const folder = emptyFolder();
    const server = await startServer('node', folder, {
      APP_ENV: 'production',
      SECRET_KEY: 'Vt7kq0dWm3Zs9Lr2Xy5Bn8Hc4Jf6Gp1A',
      PASSWORD_ROUNDS: '6',
    });
    expect((await logInDemo(server.baseUrl)).status).toBe(400);
    const lines = server
      .output()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'started', docs: `${server.baseUrl}/docs` }),
    );
  });

  test('[S50] production rejects the demo user of a database from development', async () => {
    const folder = emptyFolder();
    await (await startServer('node', folder)).stop();
    const server = await startServer('node', folder, {
      APP_ENV: 'production',
      SECRET_KEY: 'Vt7kq0dWm3Zs9Lr2Xy5Bn8Hc4Jf6Gp1A',
      PASSWORD_ROUNDS: '6',
    });
    expect((await logInDemo(server.baseUrl)).status).toBe(400);
    const signUp = { phone: '9876543210', password: DEMO_USER.password };
    const refused = await new Api(server.baseUrl).json('POST', '/api/v1/auth/signup', signUp);
    expect(refused.at('errors')).toMatchObject([{ code: 'common_password' }]);
  });

  test('warns if the network can reach the demo user', async () => {
    const settings = { HOST: '0.0.0.0', APP_ENV: 'development' };
    const server = await startServer('node', emptyFolder(), settings);
    expect(server.output()).toContain('"event":"demo_user_open_to_network"');
  });

  test('decodes a percent-encoded path in the same way as the driver', async () => {
    const folder = emptyFolder();
    await startServer('node', folder, { DATABASE_URL: 'file:./my%20dir/a%20b.db' });
    expect(statSync(join(folder, 'my dir/a b.db')).isFile()).toBe(true);
    expect(statSync(join(folder, 'my dir/a b.db.secret')).isFile()).toBe(true);
  });

  test.each([
    [
      'a database in memory',
      { DATABASE_URL: 'file::memory:' },
      'DATABASE_URL: must be a file path',
    ],
    ['an invalid path', { DATABASE_URL: 'file:./100%.db' }, 'DATABASE_URL: must be file:PATH'],
    [
      'a path on another machine',
      { DATABASE_URL: 'file://host/x.db' },
      'DATABASE_URL: must be file:PATH',
    ],
    [
      'a URL of another database',
      { DATABASE_URL: 'postgresql://localhost/kpa_db' },
      'DATABASE_URL: ',
    ],
    [
      'a folder instead of the file',
      { DATABASE_URL: 'file:./folder' },
      '/folder cannot be opened: it is a folder.',
    ],
    [
      'a file instead of its folder',
      { DATABASE_URL: 'file:./file/x.db' },
      '/file/x.db cannot be opened: a part of its path is not a folder.',
    ],
  ])('explains %s and exits with 1', (_, settings, words) => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'file'), '');
    const { status, stderr } = run('node', folder, settings);
    expect([status, stderr]).toEqual([1, expect.stringContaining(words)]);
    expect(stderr).toContain('DATABASE_URL: ');
    expect(stderr).not.toContain('    at ');
  });
});
