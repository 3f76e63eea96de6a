import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { wranglerPath } from '../../scripts/binaries.ts';
import { type ProgramResult, programPath, run } from '../support/program.ts';
import { emptyFolder } from '../support/server.ts';
import { quietConfig, ROOT, wranglerEnvironment } from '../support/targets.ts';

const SETTINGS = { SECRET_KEY: 'the secret of the Worker', APP_ENV: 'development' };
const HOSTILE = `'); DROP TABLE users; -- "x" \u001b[2J ; CASE WHEN \\ ? /* नमस्ते 🗝️`;
const INSERT = `INSERT INTO users (email, email_normalized, created_at, updated_at) VALUES
  ('Ada@Example.com', 'ada@example.com', 1, 1), ('bob@example.com', 'bob@example.com', 1, 1);`;

/** Creates a project with a migrated local D1 database of two accounts. */
async function project() {
  const folder = emptyFolder();
  const config = readFileSync(quietConfig(folder, 'assets'), 'utf8');
  const migrations = `migrations_dir = ${JSON.stringify(join(ROOT, 'drizzle'))}`;
  writeFileSync(
    join(folder, 'wrangler.toml'),
    config
      .replace(/^main = .*$/m, '')
      .replace(/^"[^"]+" = .*$/gm, '')
      .replace(/^migrations_dir = .*$/m, migrations),
  );
  const wrangler = async (...args: string[]) => {
    const command = [process.execPath, wranglerPath(), 'd1', ...args];
    const result = await run(command, folder, wranglerEnvironment(folder), 60_000);
    if (result.status !== 0) throw new Error(result.stdout + result.stderr);
    return result.stdout;
  };
  await wrangler('migrations', 'apply', 'DB', '--local');
  await wrangler('execute', 'DB', '--local', '--command', INSERT);
  return {
    folder,
    users: (args: readonly string[], settings: Record<string, string> = {}) =>
      run(
        [process.execPath, programPath('latchkey'), 'users', ...args],
        folder,
        { ...wranglerEnvironment(folder), ...SETTINGS, ...settings },
        60_000,
      ),
    async query(sql: string): Promise<readonly Record<string, unknown>[]> {
      const text = await wrangler('execute', 'DB', '--local', '--json', '--command', sql);
      return JSON.parse(text)[0].results;
    },
  };
}

const EVENTS = 'SELECT subject_id, actor_id, action, detail FROM audit_events ORDER BY id';

const detailOf = (event: Record<string, unknown> | undefined) => JSON.parse(String(event?.detail));

/** Puts the wrangler of this project on PATH, instead of into the folder of another. */
const withWranglerOnPath = {
  PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
};

/**
 * Writes a `wrangler` that stands for a remote database: it answers as wrangler does for one, from the local database.
 * A file brings no rows. Notes the arguments, the mode and the text of each file.
 */
function remoteStandIn(folder: string) {
  const bin = join(folder, 'bin');
  const notes = join(folder, 'notes.jsonl');
  mkdirSync(bin);
  const path = join(bin, 'wrangler');
  writeFileSync(
    path,
    `#!${process.execPath}
const { spawnSync } = require('node:child_process');
const { appendFileSync, readFileSync, statSync } = require('node:fs');
const args = process.argv.slice(2);
const file = args.find((arg) => arg.startsWith('--file='))?.slice('--file='.length);
const note = file ? { file, mode: statSync(file).mode & 0o777, sql: readFileSync(file, 'utf8') } : {};
appendFileSync(${JSON.stringify(notes)}, JSON.stringify({ args, ...note }) + '\\n');
if (!args.includes('--remote')) process.exit(9);
const local = args.map((arg) => (arg === '--remote' ? '--local' : arg));
const { status, stdout } = spawnSync(process.execPath, [${JSON.stringify(wranglerPath())}, ...local], { encoding: 'utf8' });
const summary = [{ results: [{ 'Total queries executed': 1, 'Rows read': 1 }], success: true, meta: {} }];
console.log(file && status === 0 ? JSON.stringify(summary) : stdout);
process.exitCode = status;
`,
  );
  chmodSync(path, 0o755);
  return {
    settings: { PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
    notes: () =>
      readFileSync(notes, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  };
}

const lines = ({ status, stdout, stderr }: ProgramResult) => [status, stdout, stderr];

describe('latchkey users --d1 --local', () => {
  test('grant adds roles and records them; reset-link stores a link; unknown accounts change nothing', async () => {
    const { folder, users, query } = await project();
    // The wrangler of the project itself.
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const args = ['--d1', 'DB', '--local', '--operator', "O'Hara", '--reason', 'a\u00e9; --\'"'];
    expect(lines(await users(['grant', 'ADA@example.com', 'admin', 'editor', ...args]))).toEqual([
      ...[0, 'Roles of account 1 (Ada@Example.com): admin, editor\n', ''],
    ]);
    const link = await users(['reset-link', '2', '--d1', 'DB', '--local', '--json']);
    expect([link.status, JSON.parse(link.stdout).id]).toEqual([0, 2]);
    const unknown = await users(['grant', HOSTILE, 'admin', '--d1', 'DB', '--local']);
    expect([unknown.status, unknown.stdout]).toEqual([1, '']);
    expect(unknown.stderr).toMatch(/^No account has this id/);

    expect(await query('SELECT user_id, role FROM user_roles ORDER BY role')).toEqual([
      { user_id: 1, role: 'admin' },
      { user_id: 1, role: 'editor' },
    ]);
    const events = await query(EVENTS);
    expect(events).toMatchObject([
      { subject_id: 1, actor_id: null, action: 'role_change' },
      { subject_id: 2, actor_id: null, action: 'reset_link' },
    ]);
    expect(detailOf(events[0])).toEqual({
      ...{ granted: ['admin', 'editor'], revoked: [] },
      ...{ operator: "O'Hara", reason: 'a\u00e9; --\'"' },
    });
    const [code, ...others] = await query(
      'SELECT user_id, purpose, kind, address, hash FROM codes',
    );
    expect(others).toEqual([]);
    expect(code).toMatchObject({ user_id: 2, purpose: 'reset', kind: 'link' });
    expect(link.stdout).not.toContain(String(code?.hash));
  });
});

describe('latchkey users --d1 --remote', () => {
  test('works though a file returns no rows; the file is readable by its owner only, and removed', async () => {
    const { folder, users, query } = await project();
    const { settings, notes } = remoteStandIn(folder);
    const args = ['--d1', 'DB', '--remote', '--reason', HOSTILE];
    const refused = await users(['grant', '1', 'admin', ...args], settings);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringMatching(/must be a line/)]);
    const reason = HOSTILE.replace('\u001b', '');
    const granted = await users(
      ['grant', '1', 'admin', '--d1', 'DB', '--remote', '--reason', reason],
      settings,
    );
    expect(lines(granted)).toEqual([0, 'Roles of account 1 (Ada@Example.com): admin\n', '']);
    const link = await users(['reset-link', 'bob@example.com', '--d1', 'DB', '--remote'], settings);
    expect([link.status, link.stdout]).toEqual([0, expect.stringMatching(/#token=[\w-]{43}\n$/)]);

    const files = notes().filter(({ file }) => file !== undefined);
    expect(files.map(({ mode }) => mode)).toEqual([0o600, 0o600]);
    for (const { file, sql } of files) {
      expect(() => readFileSync(file)).toThrow('ENOENT');
      expect(sql).toMatch(/CAST\(x'/);
      expect(sql).not.toMatch(/DROP TABLE|नमस्ते/);
    }
    const events = await query(EVENTS);
    expect(events.map(({ action }) => action)).toEqual(['role_change', 'reset_link']);
    expect(detailOf(events[0])).toMatchObject({ granted: ['admin'], reason });
    expect(await query('SELECT count(*) AS n FROM codes')).toEqual([{ n: 1 }]);
  });
});

describe('latchkey users --d1 says what is wrong', () => {
  const grant = ['users', 'grant', '1', 'admin', '--d1', 'DB', '--local'];
  const latchkey = (args: readonly string[], settings: Record<string, string>) => {
    const folder = emptyFolder();
    const env = { ...wranglerEnvironment(folder), ...settings };
    return run([process.execPath, programPath('latchkey'), ...args], folder, env, 60_000);
  };

  test('if wrangler is not installed, with the command that installs it', async () => {
    const { status, stderr } = await latchkey(grant, { ...SETTINGS, PATH: emptyFolder() });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/npm install --save-dev wrangler/)]);
  });

  test('if wrangler knows no such database, in its words', async () => {
    const { status, stdout, stderr } = await latchkey(grant, {
      ...SETTINGS,
      ...withWranglerOnPath,
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^wrangler d1 execute has failed: .*DB.*\n$/);
  });

  test('if a link cannot be hashed, because SECRET_KEY is unset; roles need none', async () => {
    const link = ['users', 'reset-link', '1', '--d1', 'DB', '--local'];
    const { status, stderr } = await latchkey(link, { PATH: emptyFolder() });
    expect([status, stderr]).toEqual([1, 'Invalid settings:\n  SECRET_KEY: must be set\n']);
    const granting = await latchkey(grant, { PATH: emptyFolder() });
    expect(granting.stderr).toMatch(/^wrangler is not installed/);
  });
});
