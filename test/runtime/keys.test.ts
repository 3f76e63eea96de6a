import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Api } from '../support/api.ts';
import { freePort } from '../support/free-port.ts';
import { bareEnvironment, type RunningProcess } from '../support/process.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { startSqld } from '../support/sqld.ts';
import { ROOT } from '../support/targets.ts';

type Settings = Record<string, string>;

const RING: Settings = { ALGORITHM: 'ES256', SECRET_KEY: 'the secret of the ring' };

function keys(folder: string, args: readonly string[], settings: Settings = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'dist/runtime/keys.js'), ...args],
    {
      cwd: folder,
      env: { ...bareEnvironment(), ...settings },
      encoding: 'utf8',
      timeout: 30_000,
    },
  );
  return { status, stdout, stderr };
}

/** Returns the states that `keys list` shows, in order. */
const statesIn = (stdout: string): string[] =>
  [...stdout.matchAll(/^[\w-]{43} {2}\S+ +(next|current|previous)/gm)].map(
    ([, state = '']) => state,
  );

/** The location of a test's database: a file, or a libSQL server of its own. */
const databases = {
  'a file': async () => 'file:./ring.db',
  'a libSQL server': async (folder: string) => {
    const processes: RunningProcess[] = [];
    onTestFinished(async () => {
      for (const running of processes) await running.stop();
    });
    const DATABASE_URL = await startSqld(folder, processes);
    const migrate = join(ROOT, 'dist/runtime/migrate.js');
    const env = { ...bareEnvironment(), DATABASE_URL };
    expect(spawnSync(process.execPath, [migrate], { cwd: folder, env }).status).toBe(0);
    return DATABASE_URL;
  },
};

describe.each(Object.entries(databases))('npm run keys, on %s', (_, databaseOf) => {
  test('rotates while a server runs: old tokens stay valid, and new servers sign with the new key', async () => {
    const folder = emptyFolder();
    const settings = { ...RING, DATABASE_URL: await databaseOf(folder) };
    const server = await startServer('node', folder, settings);
    const api = new Api(server.baseUrl);
    const { bearer, token, email, password } = await api.newAccount();

    const published = await api.get('/.well-known/jwks.json');
    expect(published.headers.get('Cache-Control')).toBe('public, max-age=300');
    const kids = (published.at('keys') as { kid: string }[]).map(({ kid }) => kid);
    expect(statesIn(keys(folder, ['list'], settings).stdout)).toEqual(['current', 'next']);

    const rotation = keys(folder, ['rotate'], settings);
    expect([rotation.status, rotation.stderr]).toEqual([0, '']);
    expect(rotation.stdout).toContain('Rotated.');
    expect(rotation.stdout).toContain('may not know the new key');
    expect(statesIn(rotation.stdout)).toEqual(['previous', 'current', 'next']);
    expect((await api.get('/profile/me', bearer)).status).toBe(200);

    const fresh = new Api((await startServer('node', folder, settings)).baseUrl);
    const next = String((await fresh.logIn(email, password)).at('access_token'));
    const { kid } = decodeProtectedHeader(next);
    expect(kid).not.toBe(decodeProtectedHeader(token).kid);
    expect(kids).toContain(kid);
    // The first server already knows the new key, without a notification.
    expect((await api.get('/profile/me', { Authorization: `Bearer ${next}` })).status).toBe(200);
    const jwks = createRemoteJWKSet(new URL('/.well-known/jwks.json', fresh.baseUrl));
    expect((await jwtVerify(next, jwks, { issuer: 'latchkey' })).payload.sub).toBeDefined();
    expect((await jwtVerify(token, jwks, { issuer: 'latchkey' })).payload.sub).toBeDefined();
  });
});

describe('a changed SECRET_KEY', () => {
  test('prevents the start with an error that names two remedies; both work', async () => {
    const folder = emptyFolder();
    const first = await startServer('node', folder, RING);
    const { email, password, token } = await new Api(first.baseUrl).newAccount();
    await first.stop();

    const changed = { ...RING, SECRET_KEY: 'another secret' };
    const failure = startServer('node', folder, changed);
    await expect(failure).rejects.toThrow(/SECRET_KEY: cannot decrypt the signing keys/);
    await expect(failure).rejects.toThrow(
      /SECRET_KEY_PREVIOUS .* `npm run keys -- rotate --force`/,
    );
    const refusal = keys(folder, ['rotate'], changed);
    expect([refusal.status, refusal.stdout]).toEqual([1, '']);
    expect(refusal.stderr).toMatch(/SECRET_KEY: cannot decrypt/);
    expect(refusal.stderr).not.toMatch(/ {4}at |another secret/);

    // The previous secret decrypts the ring. Servers that have only the previous secret still start, until the ring is
    // encrypted again.
    const both = { ...changed, SECRET_KEY_PREVIOUS: 'the secret of the ring' };
    const second = await startServer('node', folder, both);
    const bearer = { Authorization: `Bearer ${token}` };
    expect((await new Api(second.baseUrl).get('/profile/me', bearer)).status).toBe(200);
    await second.stop();
    await (await startServer('node', folder, RING)).stop();
    const resealed = keys(folder, ['reseal'], both);
    expect([resealed.status, statesIn(resealed.stdout)]).toEqual([0, ['current', 'next']]);
    await (await startServer('node', folder, changed)).stop();
    await expect(startServer('node', folder, RING)).rejects.toThrow(/cannot decrypt/);

    // If the secret is lost, new keys are created.
    const lost = { ...RING, SECRET_KEY: 'a third secret' };
    const forced = keys(folder, ['rotate', '--force'], lost);
    expect([forced.status, statesIn(forced.stdout)]).toEqual([0, ['previous', 'current', 'next']]);
    const third = new Api((await startServer('node', folder, lost)).baseUrl);
    expect((await third.logIn(email, password)).status).toBe(200);
  });

  test('with SECRET_KEY_PREVIOUS, HS256 tokens and refresh tokens stay valid', async () => {
    const folder = emptyFolder();
    const first = await startServer('node', folder, { SECRET_KEY: 'old' });
    const account = await new Api(first.baseUrl).newAccount();
    const login = await new Api(first.baseUrl).logIn(account.email, account.password);
    await first.stop();
    const refresh_token = login.at('refresh_token');

    const without = await startServer('node', folder, { SECRET_KEY: 'new' });
    const stranger = new Api(without.baseUrl);
    expect((await stranger.get('/profile/me', account.bearer)).status).toBe(401);
    expect((await stranger.json('POST', '/auth/refresh', { refresh_token })).status).toBe(401);
    await without.stop();

    const settings = { SECRET_KEY: 'new', SECRET_KEY_PREVIOUS: 'old' };
    const api = new Api((await startServer('node', folder, settings)).baseUrl);
    expect((await api.get('/profile/me', account.bearer)).status).toBe(200);
    const refreshed = await api.json('POST', '/auth/refresh', { refresh_token });
    expect(refreshed.status).toBe(200);
    expect(refreshed.at('refresh_token')).not.toBe(refresh_token);
  });

  test('on a database that becomes available later, causes 503 misconfigured and not a 500', async () => {
    const folder = emptyFolder();
    const processes: RunningProcess[] = [];
    onTestFinished(async () => {
      for (const running of processes) await running.stop();
    });
    const port = await freePort();
    const settings = { ...RING, DATABASE_URL: `http://127.0.0.1:${port}` };
    const server = await startServer('node', folder, settings);
    const api = new Api(server.baseUrl);
    const answer = await api.get('/.well-known/jwks.json');
    expect([answer.status, answer.at('code')]).toEqual([503, 'database_unavailable']);
    expect((await api.get('/healthz')).status).toBe(200);

    const url = await startSqld(folder, processes, port);
    const other = { ...settings, SECRET_KEY: 'another secret', DATABASE_URL: url };
    const migrate = join(ROOT, 'dist/runtime/migrate.js');
    spawnSync(process.execPath, [migrate], {
      cwd: folder,
      env: { ...bareEnvironment(), ...other },
    });
    expect(keys(folder, ['rotate'], other).stdout).toContain('There were no keys');
    const misconfigured = await api.get('/.well-known/jwks.json');
    expect([misconfigured.status, misconfigured.at('code')]).toEqual([503, 'misconfigured']);
    expect(server.output()).toContain('keys -- rotate --force');
  });
});

describe('npm run keys', () => {
  test.each([
    [['turn'], 'Unknown command: turn'],
    [['list', 'rotate'], 'Unknown argument: rotate'],
    [['list', '--force'], 'Unknown argument: --force'],
    [['rotate', '--now'], 'Unknown argument: --now'],
    [['--force'], 'Unknown argument: --force'],
  ])(
    'with the wrong arguments %j, names the wrong one, shows the usage and exits with 2',
    (args, words) => {
      const { status, stdout, stderr } = keys(emptyFolder(), args);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toBe(
        `${words}\nUsage: latchkey keys list | rotate [--force] | reseal | revoke\n`,
      );
    },
  );

  test('without arguments, shows its help as an error and exits with 2', () => {
    const { status, stdout, stderr } = keys(emptyFolder(), []);
    expect([status, stdout]).toEqual([2, '']);
    for (const verb of ['list', 'rotate', 'reseal', 'revoke']) expect(stderr).toContain(verb);
  });

  test('--help describes the command and lists the settings that it reads', () => {
    const { status, stdout } = keys(emptyFolder(), ['--help']);
    expect(status).toBe(0);
    for (const word of ['rotate', 'SECRET_KEY_PREVIOUS', 'DATABASE_URL', 'ALGORITHM']) {
      expect(stdout).toContain(word);
    }
    expect(stdout).not.toMatch(/JWT_ISSUER|PORT|LOG_LEVEL/);
    expect(keys(emptyFolder(), ['rotate', '--help']).stdout).toContain('--force');
  });

  test('rotate under HS256 explains how to change the secret', () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'x.db'), '');
    const { status, stderr } = keys(folder, ['rotate'], { DATABASE_URL: 'file:./x.db' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/HS256 has no keys but SECRET_KEY.*SECRET_KEY_PREVIOUS/);
  });

  test('revoke invalidates every access token within a minute, but ends no session', async () => {
    const folder = emptyFolder();
    const server = await startServer('node', folder, RING);
    const { email, password, token } = await new Api(server.baseUrl).newAccount();
    const login = await new Api(server.baseUrl).logIn(email, password);
    await server.stop();
    const revoked = keys(folder, ['revoke'], RING);
    expect([revoked.status, statesIn(revoked.stdout)]).toEqual([0, ['current', 'next']]);
    const api = new Api((await startServer('node', folder, RING)).baseUrl);
    const bearer = { Authorization: `Bearer ${token}` };
    expect((await api.get('/profile/me', bearer)).status).toBe(401);
    const refresh_token = login.at('refresh_token');
    expect((await api.json('POST', '/auth/refresh', { refresh_token })).status).toBe(200);
  });

  test('does not create a missing database, and creates no secret for a remote database', async () => {
    const folder = emptyFolder();
    const missing = keys(folder, ['rotate'], { ...RING, DATABASE_URL: 'file:./typo/nope.db' });
    expect([missing.status, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toContain('there is no database at ./typo/nope.db');
    const url = `http://127.0.0.1:${await freePort()}`;
    const remote = keys(folder, ['rotate'], { ALGORITHM: 'ES256', DATABASE_URL: url });
    expect([remote.status, remote.stderr]).toEqual([
      1,
      expect.stringContaining('SECRET_KEY: must be set'),
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('explains that a database is not migrated or not reachable', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'new.db'), '');
    const fresh = keys(folder, ['list'], { DATABASE_URL: 'file:./new.db' });
    expect([fresh.status, fresh.stderr]).toEqual([
      1,
      expect.stringContaining('npm run db:migrate'),
    ]);
    const url = `http://127.0.0.1:${await freePort()}`;
    const away = keys(folder, ['rotate'], { ...RING, DATABASE_URL: url });
    expect([away.status, away.stderr]).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
    expect(away.stderr).not.toMatch(/ {4}at |select/);
  });
});

describe('JWT_ISSUER and JWT_AUDIENCE', () => {
  test('are in the tokens, and a token for another audience is rejected', async () => {
    const [folder, named] = [
      emptyFolder(),
      { JWT_ISSUER: 'https://id.example', JWT_AUDIENCE: 'app' },
    ];
    const plain = new Api((await startServer('node', folder)).baseUrl);
    const other = new Api((await startServer('node', folder, named)).baseUrl);
    const account = await plain.newAccount();
    expect((await other.get('/profile/me', account.bearer)).status).toBe(401);
    const token = String((await other.logIn(account.email, account.password)).at('access_token'));
    const bearer = { Authorization: `Bearer ${token}` };
    expect((await other.get('/profile/me', bearer)).status).toBe(200);
    expect((await plain.get('/profile/me', bearer)).status).toBe(401);
    expect(JSON.parse(atob(String(token.split('.')[1])))).toMatchObject({
      iss: 'https://id.example',
      aud: 'app',
    });
  });
});
