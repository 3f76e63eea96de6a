import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { Api } from '../support/api.ts';
import { DOCS_PATHS } from '../support/docs-paths.ts';
import { bareEnvironment, startProcess } from '../support/process.ts';
import { run, runProgram } from '../support/program.ts';
import { emptyFolder, SERVERS, type ServerName, startServer } from '../support/server.ts';

const SECRET = 'Vt7kq0dWm3Zs9Lr2Xy5Bn8Hc4Jf6Gp1A';
const PRODUCTION = { APP_ENV: 'production', PASSWORD_ROUNDS: '6' };
const NETWORK = { HOST: '0.0.0.0' };

const logInDemo = (baseUrl: string) =>
  new Api(baseUrl).logIn(DEMO_USER.phone.entered, DEMO_USER.password);

describe('[S50] a server that the network can reach, without other settings', () => {
  test.each(Object.keys(SERVERS) as ServerName[])(
    '%s serves the API without the demo user and reports it',
    async (name) => {
      const server = await startServer(name, emptyFolder(), NETWORK);
      expect(server.output()).toMatch(
        /^No demo user: the network can reach 0\.0\.0\.0\. .*APP_ENV=development or SEED_DEMO_USER=true/m,
      );
      expect(server.output()).toContain('"event":"demo_user_left_out"');
      expect(server.output()).not.toContain('demo_user_created');
      expect((await logInDemo(server.baseUrl)).status).toBe(400);
      const { bearer } = await new Api(server.baseUrl).newAccount();
      expect((await new Api(server.baseUrl).get('/profile/me', bearer)).status).toBe(200);
    },
  );

  test('rejects the demo user of an earlier start, unless a setting enables it', async () => {
    const folder = emptyFolder();
    const local = await startServer('node', folder);
    expect((await logInDemo(local.baseUrl)).status).toBe(200);
    await local.stop();

    const open = await startServer('node', folder, NETWORK);
    expect((await logInDemo(open.baseUrl)).status).toBe(400);
    await open.stop();

    for (const asked of [{ APP_ENV: 'development' }, { SEED_DEMO_USER: 'true' }]) {
      const server = await startServer('node', folder, { ...NETWORK, ...asked });
      expect((await logInDemo(server.baseUrl)).status).toBe(200);
      expect(server.output()).toContain('"event":"demo_user_open_to_network"');
      expect(server.output()).not.toContain('No demo user');
      await server.stop();
    }
  });
});

test('[S50] in production, no program connects to a remote database without TLS', async () => {
  const folder = emptyFolder();
  const settings = { ...PRODUCTION, SECRET_KEY: SECRET, DATABASE_URL: 'http://db.invalid:8080' };
  const results = await Promise.all([
    run(SERVERS.node(), folder, { ...settings, PORT: '0' }),
    ...(['migrate', 'check'] as const).map((name) => runProgram(name, [], folder, settings)),
    runProgram('backup', ['b.db'], folder, settings),
    runProgram('keys', ['list'], folder, settings),
  ]);
  for (const { status, stderr } of results) {
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/DATABASE_URL: .*DATABASE_INSECURE=on/),
    ]);
    expect(stderr).not.toContain('db.invalid');
  }
  const allowed = await runProgram('migrate', [], folder, { ...settings, DATABASE_INSECURE: 'on' });
  expect(allowed.stderr).toMatch(/ENOTFOUND|EAI_AGAIN/);
});

describe('[S10] SECRET_KEY_FILE', () => {
  test.each(Object.keys(SERVERS) as ServerName[])(
    '%s signs with the content of the file, without the line feed at its end',
    async (name) => {
      const folder = emptyFolder();
      writeFileSync(join(folder, 'secret_key'), `${SECRET}\n`, { mode: 0o600 });
      const settings = { APP_ENV: 'development', SEED_DEMO_USER: 'false' };
      const byFile = await startServer(name, folder, {
        ...settings,
        SECRET_KEY_FILE: 'secret_key',
      });
      const { bearer } = await new Api(byFile.baseUrl).newAccount();
      expect(byFile.output()).not.toContain('readable_by_others');
      await byFile.stop();
      expect(existsSync(join(folder, 'data/latchkey.db.secret'))).toBe(false);
      const byValue = await startServer(name, folder, { ...settings, SECRET_KEY: SECRET });
      expect((await new Api(byValue.baseUrl).get('/profile/me', bearer)).status).toBe(200);
    },
  );

  test('is named in the error if it cannot be used, and no part of its path or content is repeated', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'a-folder-7f3a'));
    writeFileSync(join(folder, 'binary-7f3a'), Buffer.from([0xff, 0xfe, 0x37, 0x00, 0x80]));
    writeFileSync(join(folder, 'empty-7f3a'), '\n\n');
    writeFileSync(join(folder, 'weak-7f3a'), 'changeme-7f3a-changeme-7f3a-changeme-7f3a');
    const faults = {
      'nowhere-7f3a': 'the file cannot be read (ENOENT)',
      'a-folder-7f3a': 'the file cannot be read (EISDIR)',
      'binary-7f3a': 'the file must be UTF-8 text',
      'empty-7f3a': 'the file must not be empty',
      'weak-7f3a': 'must be random, not an example',
      '/dev/zero': 'the file must have at most 1024 characters',
    };
    for (const [SECRET_KEY_FILE, words] of Object.entries(faults)) {
      const { status, stdout, stderr } = await run(SERVERS.node(), folder, {
        ...PRODUCTION,
        SECRET_KEY_FILE,
      });
      expect([status, stderr]).toEqual([1, expect.stringContaining(`SECRET_KEY_FILE: ${words}`)]);
      expect(stdout + stderr).not.toContain('7f3a');
    }
  });
});

test('[S10] files that other users can read are logged', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'secret_key'), SECRET);
  const settings = { DATABASE_URL: 'file:./a.db', SECRET_KEY_FILE: './secret_key' };
  await (await startServer('node', folder, settings)).stop();
  for (const name of ['a.db', 'secret_key']) chmodSync(join(folder, name), 0o644);
  const exposed = await startServer('node', folder, settings);
  expect(exposed.output()).toMatch(/"database_readable_by_others","files":"\.\/a\.db/);
  expect(exposed.output()).toMatch(/"secret_readable_by_others","files":"\.\/secret_key"/);
  await exposed.stop();
  for (const name of ['a.db', 'a.db-wal', 'a.db-shm', 'secret_key']) {
    if (existsSync(join(folder, name))) chmodSync(join(folder, name), 0o600);
  }
  const closed = await startServer('node', folder, settings);
  expect(closed.output()).not.toContain('readable_by_others');
});

test('DOCS=off: a server serves no documentation, and does not mention it at the start', async () => {
  const [command = '', ...args] = SERVERS.node();
  for (const environment of ['development', 'production']) {
    const server = await startProcess({
      label: 'node',
      command,
      args,
      cwd: emptyFolder(),
      env: {
        ...bareEnvironment(),
        ...{ PORT: '0', APP_ENV: environment, SECRET_KEY: SECRET, DOCS: 'off' },
      },
      ready: /(http:\/\/127\.0\.0\.1:\d+)(?="|\n)/,
    });
    onTestFinished(async () => {
      await server.stop();
    });
    const api = new Api(server.match[1] ?? '');
    for (const path of DOCS_PATHS) {
      expect([path, (await api.get(path)).status]).toEqual([path, 404]);
    }
    expect((await api.get('/healthz')).status).toBe(200);
    expect(server.output()).not.toContain('docs');
  }
});
