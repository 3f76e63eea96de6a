import { spawn } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { parse } from 'csv-parse/sync';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { ACCOUNT_COLUMNS } from '../../src/features/export/accounts.ts';
import { Api } from '../support/api.ts';
import { migratedServer } from '../support/databases.ts';
import { peakMemory } from '../support/memory.ts';
import { bareEnvironment } from '../support/process.ts';
import { programPath, run, runProgram } from '../support/program.ts';
import { startServer } from '../support/server.ts';
import { actsIn, FILE, migrated, program, rowsOf } from '../support/users-program.ts';

const EXPORT = [process.execPath, programPath('export'), 'users'];

/** A migrated database file, and `latchkey export users` on it. */
async function room(settings = FILE) {
  const { folder } = await migrated(settings);
  return {
    folder,
    write: (...args: string[]) =>
      runProgram('latchkey', ['export', 'users', ...args], folder, settings),
    /** Runs a command of the shell in which `"$@"` is the export. */
    shell: (command: string, ...args: string[]) =>
      run(['sh', '-c', command, 'sh', ...EXPORT, ...args], folder, settings),
  };
}

/** A statement that adds accounts with a biography, in SQL. */
const insertion = (count: number, bio: string) =>
  `INSERT INTO users (email, email_normalized, password_hash, bio, created_at, updated_at)
   SELECT 'u' || value || '@example.com', 'u' || value || '@example.com', 'hash', ${bio}, 1, 1
   FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT ${count}) SELECT value FROM n)
   RETURNING id`;

const fill = (folder: string, count: number, bio = 'hex(zeroblob(50))') =>
  rowsOf(folder, insertion(count, bio));

const rowsIn = (csv: string): Record<string, string>[] =>
  z
    .array(z.record(z.string(), z.string()))
    .parse(parse(csv, { columns: true, record_delimiter: '\r\n' }));

const draftsIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.draft'));

describe('latchkey export users', () => {
  test('writes the accounts of a file as CSV and as NDJSON, while a server has it open', async () => {
    const { folder, write } = await room();
    const server = await startServer('node', folder, FILE);
    const api = new Api(server.baseUrl);
    const [ada, bob] = [await api.newAccount(), await api.newAccount()];
    await rowsOf(
      folder,
      `UPDATE users SET disabled_at = 1, name = 'a,"b' WHERE id = ${bob.id} RETURNING id`,
    );
    const csv = await write('--to', 'csv', '--operator', 'eve');
    expect([csv.status, csv.stderr]).toEqual([0, '']);
    const rows = rowsIn(csv.stdout);
    expect(Object.keys(rows[0] ?? {})).toEqual(ACCOUNT_COLUMNS);
    const ndjson = await write('--to', 'ndjson');
    const lines = ndjson.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    for (const accounts of [rows, lines]) {
      expect(accounts.slice(-2)).toMatchObject([
        { email: ada.email, password_hash: expect.stringMatching(/^\$pbkdf2-sha256-chain\$r=1,/) },
        { email: bob.email, name: 'a,"b', disabled_at: '1970-01-01T00:00:00.001Z' },
      ]);
    }
    const acts = await actsIn(folder);
    expect(acts.filter(([action]) => action === 'accounts_export')).toEqual([
      ['accounts_export', null, { operator: 'eve', format: 'csv', accounts: lines.length }],
      [
        'accounts_export',
        null,
        { operator: userInfo().username, format: 'ndjson', accounts: lines.length },
      ],
    ]);
    expect(await server.stop()).toBe(true);
  });

  test('writes the accounts of a libSQL server, also in pages of the longest texts', async () => {
    const settings = { ...FILE, DATABASE_URL: await migratedServer() };
    const { folder, json } = program(settings);
    await json('create', '--invite', '--email', 'a@example.com');
    const client = createClient({ url: settings.DATABASE_URL });
    onTestFinished(() => client.close());
    await client.execute(insertion(450, `replace(hex(zeroblob(5000)), '0', '🗝')`));
    const written = await runProgram('export', ['users', '--to', 'csv'], folder, settings);
    expect([written.status, written.stderr]).toEqual([0, '']);
    const rows = rowsIn(written.stdout);
    expect(rows[0]).toMatchObject({ email: 'a@example.com', password_hash: '', bio: '' });
    expect(rows.slice(1).map(({ email }) => email)).toEqual(
      Array.from({ length: 450 }, (_, i) => `u${i + 1}@example.com`),
    );
    expect(rows.at(-1)?.bio).toBe('🗝'.repeat(10_000));
    const away = { ...settings, DATABASE_URL: 'http://127.0.0.1:9' };
    const gone = await runProgram('export', ['users', '--to', 'csv'], folder, away);
    expect([gone.status, gone.stdout, gone.stderr]).toEqual([
      ...[1, ''],
      expect.stringMatching(/^DATABASE_URL: the database cannot be used/),
    ]);
  });

  test('writes a file of mode 0600, and replaces one only with --yes', async () => {
    const { folder, write } = await room();
    await fill(folder, 2);
    const path = join(folder, 'a.csv');
    expect(await write('--to', 'csv', '--file', 'a.csv')).toEqual({
      ...{ status: 0, stderr: '' },
      stdout: `Exported: 2 accounts to ${path}\n`,
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const [before, events] = [readFileSync(path, 'utf8'), (await actsIn(folder)).length];
    const refused = await write('--to', 'csv', '--file', 'a.csv');
    expect([refused.status, refused.stderr]).toEqual([
      1,
      `${path} exists. Add --yes to replace it.\n`,
    ]);
    expect([readFileSync(path, 'utf8'), (await actsIn(folder)).length]).toEqual([before, events]);
    expect((await write('--to', 'ndjson', '--file', 'a.csv', '--yes')).status).toBe(0);
    expect(readFileSync(path, 'utf8')).toMatch(/^\{"id":1,/);
    expect(draftsIn(folder)).toEqual([]);
  });

  test('replaces no folder, device or link, and names a path that cannot be written', async () => {
    const { folder, write } = await room();
    symlinkSync('/dev/null', join(folder, 'link'));
    for (const file of ['.', '/dev/null', 'link']) {
      const { status, stderr } = await write('--to', 'csv', '--yes', '--file', file);
      expect([file, status, stderr]).toEqual([
        file,
        1,
        expect.stringMatching(/^\S+ is not a regular file\.\n$/),
      ]);
    }
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    const away = await write('--to', 'csv', '--file', 'no/folder/a.csv');
    expect([away.status, away.stderr]).toEqual([
      1,
      expect.stringMatching(/a\.csv cannot be written: .*ENOENT/),
    ]);
    expect((await actsIn(folder)).length).toBe(0);
  });

  test('a reader that exits is no error', async () => {
    const { folder, shell } = await room();
    await fill(folder, 5000);
    const piped = await shell('{ "$@"; echo "exit $?" >&2; } | head -n 2', '--to', 'csv');
    expect(piped.stdout).toMatch(/^id,email,.*\r\n1,u1@example\.com,/);
    expect(piped.stderr).toBe('exit 0\n');
  });

  test('a full disk leaves no file, an explanation and exit code 1', async () => {
    const { folder, shell } = await room();
    // As CSV, a quotation mark takes two bytes: the file would be larger than the database, which fits.
    await fill(folder, 2000, `replace(hex(zeroblob(250)), '0', '"')`);
    const limited = `trap '' XFSZ; ulimit -f 3600; exec "$@"`;
    const file = await shell(limited, '--to', 'csv', '--file', 'b.csv');
    expect([file.status, file.stderr]).toEqual([
      1,
      expect.stringMatching(/b\.csv cannot be written: .*EFBIG/),
    ]);
    expect([existsSync(join(folder, 'b.csv')), draftsIn(folder)]).toEqual([false, []]);
    const output = await shell('"$@" > /dev/full', '--to', 'csv');
    expect([output.status, output.stderr]).toEqual([
      1,
      expect.stringMatching(/^Standard output cannot be written: .*ENOSPC/),
    ]);
  });

  test('SIGTERM removes the draft', async () => {
    const { folder } = await room();
    await fill(folder, 100_000);
    const child = spawn(process.execPath, [...EXPORT.slice(1), '--to', 'csv', '--file', 'a.csv'], {
      cwd: folder,
      env: { ...bareEnvironment(), ...FILE },
    });
    const exit = new Promise((resolve) => child.once('close', resolve));
    await expect.poll(() => draftsIn(folder).length, { timeout: 20_000, interval: 5 }).toBe(1);
    child.kill('SIGTERM');
    expect(await exit).toBe(1);
    expect(readdirSync(folder).filter((name) => name.includes('csv'))).toEqual([]);
  });

  test('100,000 accounts take no more memory than 1,000', { timeout: 120_000 }, async () => {
    const { folder } = await room();
    const peak = async (name: string) => {
      const child = spawn(
        process.execPath,
        [...EXPORT.slice(1), '--to', 'ndjson', '--file', name],
        {
          cwd: folder,
          env: { ...bareEnvironment(), ...FILE },
        },
      );
      onTestFinished(() => void child.kill());
      let most = 0;
      const sample = setInterval(() => {
        try {
          most = peakMemory(child.pid ?? 0);
        } catch {
          // It has just ended.
        }
      }, 20);
      const code = await new Promise((resolve) => child.once('close', resolve));
      clearInterval(sample);
      expect(code).toBe(0);
      return most;
    };
    await fill(folder, 1000);
    const few = await peak('few');
    await rowsOf(folder, 'DELETE FROM users RETURNING id');
    await fill(folder, 100_000);
    const many = await peak('many');
    const lines = readFileSync(join(folder, 'many'), 'utf8').split('\n');
    expect(lines).toHaveLength(100_001);
    expect(many - few).toBeLessThan(60);
  });
});

describe('latchkey export refuses', () => {
  test.each([
    [[], /^Usage: latchkey export|^Write/],
    [['accounts'], /^Unknown command: accounts\n/],
    [
      ['users'],
      /^Missing argument: --to\nUsage: latchkey export users --to csv\|ndjson \[--file FILE\]\n$/,
    ],
    [['users', '--to', 'xml'], /^Allowed choices are csv, ndjson\.\n/],
    [['users', '--to', 'csv', 'more'], /^Unknown argument: more\n/],
    [['users', '--to', 'csv', '--file', ''], /^Missing argument: FILE\n/],
    [
      ['users', '--to', 'csv', '--operator', 'a\nb'],
      /^It must be a line of 1 to 64 characters\.\n/,
    ],
  ])('%j with exit code 2, before it opens the database', async (args, words) => {
    const { folder } = program();
    const { status, stdout, stderr } = await runProgram('export', args, folder, FILE);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(words)]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a terminal as standard output, unless --yes is given', async () => {
    const { folder } = await room();
    await fill(folder, 1);
    const typed = (...args: string[]) =>
      run(['script', '-qec', [...EXPORT, ...args].join(' '), '/dev/null'], folder, FILE);
    const refused = await typed('--to', 'csv');
    expect([refused.status, refused.stdout]).toEqual([
      2,
      expect.stringMatching(
        /^The terminal would show password hashes, .* or add --yes\.\r\nUsage: /,
      ),
    ]);
    expect((await actsIn(folder)).length).toBe(0);
    const shown = await typed('--to', 'csv', '--yes');
    expect([shown.status, shown.stdout]).toEqual([
      0,
      expect.stringMatching(/^id,email,.*1,u1@example\.com/s),
    ]);
  });

  test('a database that does not exist, and one that is not migrated', async () => {
    const { folder } = program();
    const missing = await runProgram('export', ['users', '--to', 'csv'], folder, FILE);
    expect([missing.status, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/^There is no database at .*a\.db\./),
    ]);
    writeFileSync(join(folder, 'a.db'), '');
    const empty = await runProgram(
      'export',
      ['users', '--to', 'csv', '--file', 'a.csv'],
      folder,
      FILE,
    );
    expect([empty.status, empty.stderr]).toEqual([
      1,
      expect.stringMatching(/^The database is not up to date\. Run `latchkey migrate`/),
    ]);
    expect(existsSync(join(folder, 'a.csv'))).toBe(false);
  });
});
