import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createPortableMac } from '../../src/core/crypto/derived-key.ts';
import { createCodeHashes } from '../../src/features/codes/code.ts';
import { d1Project } from '../support/d1-project.ts';
import { type ProgramResult, programPath, run } from '../support/program.ts';
import { emptyFolder } from '../support/server.ts';
import { ROOT, wranglerEnvironment } from '../support/targets.ts';
import { MIGRATIONS } from '../support/test-app.ts';

const SETTINGS = { SECRET_KEY: 'the secret of the Worker', APP_ENV: 'development' };
const HOSTILE = `'); DROP TABLE users; -- "x" \u001b[2J ; CASE WHEN \\ ? /* नमस्ते 🗝️`;
const INSERT = `INSERT INTO users (email, email_normalized, email_verified_at, created_at, updated_at) VALUES
  ('Ada@Example.com', 'ada@example.com', 1, 1, 1), ('bob@example.com', 'bob@example.com', NULL, 1, 1);`;

/** Creates a project with a migrated local D1 database of two accounts. */
async function project() {
  const { folder, wrangler } = await d1Project();
  await wrangler('execute', 'DB', '--local', '--command', INSERT);
  return {
    folder,
    users: (...args: string[]) =>
      latchkey(['users', ...args, '--d1', 'DB', '--local'], SETTINGS, folder),
    /** Runs queries. Returns the rows of each. */
    async query(...queries: string[]): Promise<readonly (readonly Record<string, unknown>[])[]> {
      const sql = queries.join(';\n');
      const text = await wrangler('execute', 'DB', '--local', '--json', '--command', sql);
      return (JSON.parse(text) as { results: Record<string, unknown>[] }[]).map(
        ({ results }) => results,
      );
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
 * Writes a `wrangler` that stands for one with a remote database, which is a file here. It answers as wrangler does: a
 * file brings no rows. Notes the mode and the text of each file.
 */
function remoteStandIn(folder: string, url: string) {
  const bin = join(folder, 'bin');
  const notes = join(folder, 'notes.jsonl');
  mkdirSync(bin);
  const client = createRequire(import.meta.url).resolve('@libsql/client');
  const path = join(bin, 'wrangler');
  writeFileSync(
    path,
    `#!${process.execPath}
const { createClient } = require(${JSON.stringify(client)});
const { appendFileSync, readFileSync, statSync } = require('node:fs');
const args = process.argv.slice(2);
const valueOf = (name) => args.find((arg) => arg.startsWith(name))?.slice(name.length);
const [file, command] = [valueOf('--file='), valueOf('--command=')];
if (args.slice(0, 6).join(' ') !== 'd1 execute DB --remote --json --yes') process.exit(9);
const client = createClient({ url: ${JSON.stringify(url)} });
(async () => {
  if (command) {
    const { columns, rows } = await client.execute(command);
    const results = rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
    return console.log(JSON.stringify([{ results, success: true, meta: {} }]));
  }
  const sql = readFileSync(file, 'utf8');
  appendFileSync(${JSON.stringify(notes)}, JSON.stringify({ file, mode: statSync(file).mode & 0o777, sql }) + '\\n');
  await client.batch(sql.trim().split(/;\\n/).filter((text) => text !== ''), 'write');
  console.log('A line of progress');
  const summary = { 'Total queries executed': 2, 'Rows read': 9, 'Rows written': 3 };
  console.log(JSON.stringify([{ results: [summary], success: true, finalBookmark: 'b', meta: {} }]));
})();
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

const latchkey = (
  args: readonly string[],
  settings: Record<string, string>,
  folder = emptyFolder(),
) =>
  run(
    [process.execPath, programPath('latchkey'), ...args],
    folder,
    { ...wranglerEnvironment(folder), ...settings },
    120_000,
  );

const lines = ({ status, stdout, stderr }: ProgramResult) => [status, stdout, stderr];

describe('latchkey users --d1 --local', () => {
  test('grant adds roles and records them; reset-link stores a link', {
    timeout: 240_000,
  }, async () => {
    const { folder, users, query } = await project();
    // The wrangler of the project itself.
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const [operator, reason] = ["O'Hara", HOSTILE.replace('\u001b', '')];
    const act = ['--operator', operator, '--reason', reason];
    expect(lines(await users('grant', 'ADA@example.com', 'admin', 'editor', ...act))).toEqual([
      ...[0, 'Roles of account 1 (Ada@Example.com): admin, editor\n', ''],
    ]);
    const link = await users('reset-link', '2', '--json');
    expect([link.status, JSON.parse(link.stdout).id]).toEqual([0, 2]);

    const [roles, events, codes] = await query(
      'SELECT user_id, role FROM user_roles ORDER BY role',
      EVENTS,
      'SELECT user_id, purpose, kind, address, hash FROM codes',
    );
    expect(roles).toEqual([
      { user_id: 1, role: 'admin' },
      { user_id: 1, role: 'editor' },
    ]);
    expect(events).toMatchObject([
      { subject_id: 1, actor_id: null, action: 'role_change' },
      { subject_id: 2, actor_id: null, action: 'reset_link' },
    ]);
    expect(detailOf(events?.[0])).toEqual({
      ...{ granted: ['admin', 'editor'], revoked: [] },
      ...{ operator, reason },
    });
    const [token = ''] = /[\w-]{43}$/.exec(JSON.parse(link.stdout).link) ?? [];
    const hashes = await createCodeHashes([SETTINGS.SECRET_KEY], createPortableMac);
    expect(codes).toEqual([
      {
        ...{ user_id: 2, purpose: 'reset', kind: 'link', address: 'bob@example.com' },
        hash: hashes.ofLink('reset', token)[0],
      },
    ]);
  });
});

describe('latchkey users --d1 --remote', () => {
  test('works though a file returns no rows; the file is readable by its owner only, and removed', async () => {
    const folder = emptyFolder();
    const url = `file:${join(folder, 'remote.db')}`;
    const client = createClient({ url });
    onTestFinished(() => client.close());
    await migrate(drizzle({ client }), { migrationsFolder: MIGRATIONS });
    await client.execute(INSERT);
    const { settings, notes } = remoteStandIn(folder, url);
    const users = (...args: string[]) =>
      latchkey(['users', ...args, '--d1', 'DB', '--remote'], { ...SETTINGS, ...settings }, folder);

    const refused = await users('grant', '1', 'admin', '--reason', HOSTILE);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringMatching(/must be a line/)]);
    const reason = HOSTILE.replace('\u001b', '');
    expect(lines(await users('grant', '1', 'admin', '--reason', reason))).toEqual([
      ...[0, 'Roles of account 1 (Ada@Example.com): admin\n', ''],
    ]);
    // Changes nothing more.
    expect((await users('grant', '1', 'admin')).status).toBe(0);
    const unverified = await users('grant', 'bob@example.com', 'admin');
    expect([unverified.status, unverified.stdout, unverified.stderr]).toEqual([
      ...[1, ''],
      expect.stringMatching(/^bob@example\.com is not verified: .* account 2 .*\n$/),
    ]);
    const link = await users('reset-link', 'bob@example.com');
    expect([link.status, link.stdout]).toEqual([0, expect.stringMatching(/#[\w-]{43}\n$/)]);
    const unknown = await users('grant', HOSTILE, 'admin');
    expect([unknown.status, unknown.stdout]).toEqual([1, '']);
    expect(unknown.stderr).toMatch(/^No account has this id/);

    expect(notes().map(({ mode }) => mode)).toEqual([0o600, 0o600, 0o600]);
    for (const { file, sql } of notes()) {
      expect(existsSync(dirname(file))).toBe(false);
      expect(sql).toMatch(/CAST\(x'/);
      expect(sql).not.toMatch(/DROP TABLE|नमस्ते/);
    }
    const { rows: events } = await client.execute(EVENTS);
    expect(events.map(({ action }) => action)).toEqual(['role_change', 'reset_link']);
    expect(detailOf(events[0])).toMatchObject({ granted: ['admin'], reason });
    expect((await client.execute('SELECT user_id, purpose FROM codes')).rows).toEqual([
      expect.objectContaining({ user_id: 2, purpose: 'reset' }),
    ]);
  });
});

describe('latchkey users --d1 says what is wrong', () => {
  const grant = ['users', 'grant', '1', 'admin', '--d1', 'DB', '--local'];
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
