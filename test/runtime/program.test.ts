import { readdirSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { VERSION } from '../../src/core/version.ts';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { Api } from '../support/api.ts';
import { freePort } from '../support/free-port.ts';
import { bareEnvironment, startProcess } from '../support/process.ts';
import { programPath, runProgram } from '../support/program.ts';
import { emptyFolder, LISTENING, startServer } from '../support/server.ts';
import { SETTINGS } from '../support/settings.ts';

const latchkey = (args: readonly string[], settings: Record<string, string> = {}) =>
  runProgram('latchkey', args, emptyFolder(), settings);

/** Starts `latchkey serve`, with additional arguments for Node itself. */
async function serve(settings: Record<string, string>, ...nodeArgs: string[]) {
  const server = await startProcess({
    label: 'latchkey serve',
    command: process.execPath,
    args: [...nodeArgs, programPath('latchkey'), 'serve'],
    cwd: emptyFolder(),
    env: { ...bareEnvironment(), PORT: '0', PASSWORD_ROUNDS: '1', ...settings },
    ready: LISTENING,
  });
  onTestFinished(async () => {
    await server.stop();
  });
  return server;
}

/** Returns the names of the settings that a help text lists. */
const listedIn = (help: string): string[] =>
  [...help.matchAll(/^ {2}([A-Z][A-Z0-9_]+) /gm)]
    .map(([, name = '']) => name)
    .filter((name) => !['FILE', 'ADDRESS', 'WHO', 'ROLE'].includes(name));

describe('latchkey', () => {
  test('serve serves; migrate, check, backup and keys work on its database; SIGTERM ends it', async () => {
    const folder = emptyFolder();
    const settings = { DATABASE_URL: 'file:./a.db', ALGORITHM: 'ES256', SECRET_KEY: 'a secret' };
    const run = (...args: string[]) => runProgram('latchkey', args, folder, settings);
    expect((await run('migrate')).stdout).toBe('The database is up to date.\n');
    const server = await startProcess({
      label: 'latchkey serve',
      command: process.execPath,
      args: [programPath('latchkey'), 'serve'],
      cwd: folder,
      env: { ...bareEnvironment(), PORT: '0', ...settings },
      ready: LISTENING,
    });
    const { phone, password } = DEMO_USER;
    const api = new Api(server.match[1] ?? '');
    expect((await api.logIn(phone.entered, password)).status).toBe(200);
    expect((await run('keys', 'rotate')).stdout).toContain('Rotated.');
    expect((await run('backup', 'b.db')).status).toBe(0);
    expect((await run('check')).stdout).toContain('The database is in order.');
    server.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(readdirSync(folder)).toContain('b.db');
  });

  test('--help lists the commands, --version prints the version; without a command, the help is an error', async () => {
    const { status, stdout } = await latchkey(['--help']);
    expect(status).toBe(0);
    for (const name of [
      'serve',
      'migrate',
      'backup <FILE>',
      'check',
      'export',
      'keys',
      'messages',
      'users',
      'import \\[options\\] <KIND>',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name} +[A-Z]`, 'm'));
    }
    expect((await latchkey(['--version'])).stdout).toBe(`${VERSION}\n`);
    const none = await latchkey([]);
    expect([none.status, none.stdout, none.stderr]).toEqual([2, '', stdout]);
  });

  test.each([
    [['foo'], 'Unknown command: foo\nTry: latchkey --help\n'],
    [['serv'], 'Unknown command: serv\n(Did you mean serve?)\nTry: latchkey --help\n'],
    [['--foo'], 'Unknown argument: --foo\nTry: latchkey --help\n'],
    [['serve', '--foo'], 'Unknown argument: --foo\nUsage: latchkey serve\n'],
    [['serve', 'foo'], 'Unknown argument: foo\nUsage: latchkey serve\n'],
    [['migrate', '--foo'], 'Unknown argument: --foo\nUsage: latchkey migrate\n'],
    [['check', 'foo', 'bar'], 'Unknown argument: foo\nUsage: latchkey check\n'],
    [['backup'], 'Missing argument: FILE\nUsage: latchkey backup FILE\n'],
    [['messages', 'test'], 'Missing argument: ADDRESS\nUsage: latchkey messages test ADDRESS\n'],
    [['messages', 'foo'], 'Unknown command: foo\nUsage: latchkey messages test ADDRESS\n'],
  ])('%j exits with 2, changes nothing and explains the error', async (args, words) => {
    const folder = emptyFolder();
    const { status, stdout, stderr } = await runProgram('latchkey', args, folder);
    expect([status, stdout, stderr]).toEqual([2, '', words]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('the help of each command lists the settings that it reads', async () => {
    const database = ['DATABASE_URL', 'DATABASE_AUTH_TOKEN', 'DATABASE_INSECURE', 'APP_ENV'];
    const help = async (...args: string[]) => (await latchkey([...args, '--help'])).stdout;
    expect(listedIn(await help('serve'))).toEqual(SETTINGS);
    for (const args of [
      ['migrate'],
      ['backup'],
      ['check'],
      ['export', 'users'],
      ['keys', 'list'],
    ]) {
      expect([args, listedIn(await help(...args))]).toEqual([args, database]);
    }
    expect(listedIn(await help('keys', 'rotate'))).toContain('SECRET_KEY_PREVIOUS');
    expect(listedIn(await help('messages', 'test'))).toEqual([
      ...['MAIL', 'MAIL_FROM', 'SMS', 'MESSAGE_WEBHOOK_SECRET', 'PUBLIC_URL', 'APP_LINKS'],
      'APP_ENV',
    ]);
    expect(listedIn(await help('import'))).toEqual([
      // The argument.
      'KIND',
      ...database.slice(0, 3),
      'DEFAULT_PHONE_REGION',
      'APP_ENV',
    ]);
    const ofUsers = ['SECRET_KEY', 'DEFAULT_PHONE_REGION', 'MAIL', 'PUBLIC_URL', ...database];
    expect(listedIn(await help('users', 'grant'))).toEqual(expect.arrayContaining(ofUsers));
    expect((await runProgram('check', ['--help'], emptyFolder())).stdout).toBe(await help('check'));
  });
});

describe('a misspelled setting', () => {
  const hint = 'RATE_LIMT_LOGIN: did you mean RATE_LIMIT_LOGIN?';

  test.each(['node', 'bun', 'deno'] as const)('causes a warning in the log on %s', async (name) => {
    const server = await startServer(name, emptyFolder(), { RATE_LIMT_LOGIN: '7f3a' });
    expect(server.output()).toContain(`"level":"warn","event":"unknown_setting","hint":"${hint}"`);
    expect(server.output()).not.toContain('7f3a');
  });

  test('causes a warning on standard error in a command', async () => {
    const { status, stderr } = await latchkey(['migrate'], { DATABSE_URL: 'file:./7f3a.db' });
    expect([status, stderr]).toEqual([
      0,
      'Unknown setting DATABSE_URL: did you mean DATABASE_URL?\n',
    ]);
  });
});

describe('log lines', () => {
  const PRETTY = /^\d\d:\d\d:\d\d\.\d{3} debug demo_user_created$/m;
  const DEBUG = { LOG_LEVEL: 'debug' };
  // Simulates a terminal. By default, log lines are pretty only on a terminal.
  const terminal = '--import=data:text/javascript,process.stdout.isTTY=true';
  const PRODUCTION = {
    APP_ENV: 'production',
    SECRET_KEY: 'Vt7kq0dWm3Zs9Lr2Xy5Bn8Hc4Jf6Gp1A',
    PASSWORD_ROUNDS: '6',
  };

  test('in development: colored on a terminal, plain with NO_COLOR, JSON elsewhere', async () => {
    expect((await serve(DEBUG, terminal)).output()).toContain('\u001b[2mdebug\u001b[0m');
    expect((await serve({ ...DEBUG, NO_COLOR: '1' }, terminal)).output()).toMatch(PRETTY);
    expect((await serve(DEBUG)).output()).toContain('"event":"demo_user_created"');
  });

  test('LOG_FORMAT overrides the format for a terminal and elsewhere', async () => {
    expect((await serve({ ...DEBUG, LOG_FORMAT: 'pretty' })).output()).toMatch(PRETTY);
    const json = await serve({ ...DEBUG, LOG_FORMAT: 'json' }, terminal);
    expect(json.output()).toContain('"event":"demo_user_created"');
  });

  test('in production: JSON even on a terminal, and no demo login', async () => {
    const lines = (await serve(PRODUCTION, terminal)).output().trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).event)).toContain('started');
  });
});

test('if the database server is unreachable, the log names DATABASE_URL, and no demo login is shown', async () => {
  const server = await serve({ DATABASE_URL: `http://127.0.0.1:${await freePort()}` });
  expect(server.output()).toMatch(/"database_not_ready".*DATABASE_URL/);
  expect(server.output()).not.toContain('Demo login');
});
