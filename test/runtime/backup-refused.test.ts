import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { addEvents } from '../support/old-rows.ts';
import type { RunningProcess } from '../support/process.ts';
import { programPath, run, runProgram } from '../support/program.ts';
import { emptyFolder } from '../support/server.ts';
import { startSqld } from '../support/sqld.ts';

const SETTINGS = { DATABASE_URL: 'file:./a.db' };

/** Creates a folder that contains a migrated database `a.db`. */
async function folderWithDatabase(): Promise<string> {
  const folder = emptyFolder();
  expect((await runProgram('migrate', [], folder, SETTINGS)).status).toBe(0);
  return folder;
}

async function change(folder: string, ...statements: string[]): Promise<void> {
  const client = createClient({ url: `file:${join(folder, 'a.db')}` });
  for (const statement of statements) await client.execute(statement);
  client.close();
}

async function libsqlServer(): Promise<string> {
  const processes: RunningProcess[] = [];
  onTestFinished(async () => {
    for (const running of processes) await running.stop();
  });
  return startSqld(emptyFolder(), processes);
}

describe('npm run db:backup', () => {
  test.each([[[]], [['a', 'b']], [['--force']], [['']], [['-o', 'a']]])(
    'with the arguments %j, shows its usage and exits with 2',
    async (args) => {
      const folder = await folderWithDatabase();
      const { status, stdout, stderr } = await runProgram('backup', args, folder, SETTINGS);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^(Missing|Unknown) argument: .+\nUsage: latchkey backup FILE\n$/);
      expect(readdirSync(folder)).toEqual(['a.db']);
    },
  );

  test('creates the folders of FILE, accessible only to their owner', async () => {
    const folder = await folderWithDatabase();
    expect((await runProgram('backup', ['x/y/b.db'], folder, SETTINGS)).status).toBe(0);
    expect(readdirSync(join(folder, 'x/y'))).toEqual(['b.db']);
  });

  /** Obstacles at the path of the backup, and the error for each. */
  const inTheWay: Record<string, [file: string, make: (path: string) => void, words: RegExp]> = {
    'a file': ['b.db', (path) => writeFileSync(path, 'mine'), /b\.db already exists/],
    'the database': ['a.db', () => {}, /a\.db already exists/],
    'a folder': ['b.db', (path) => mkdirSync(path), /b\.db already exists/],
    'a link to nowhere': ['b.db', (path) => symlinkSync('nowhere', path), /b\.db already exists/],
    'a file as its folder': ['a.db/b.db', () => {}, /a part of its path is no folder/],
  };

  test.each(Object.entries(inTheWay))('does not overwrite %s', async (_, [file, make, words]) => {
    const folder = await folderWithDatabase();
    make(join(folder, file));
    const before = readdirSync(folder);
    const database = readFileSync(join(folder, 'a.db'));
    const { status, stderr } = await runProgram('backup', [file], folder, SETTINGS);
    expect(status).toBe(1);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/ {4}at |Error/);
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(join(folder, 'a.db')).equals(database)).toBe(true);
  });

  test('reports a missing database and creates none', async () => {
    const folder = emptyFolder();
    const { status, stderr } = await runProgram('backup', ['b.db'], folder, SETTINGS);
    expect([status, stderr]).toEqual([1, expect.stringContaining('There is no database at ')]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('leaves nothing behind if the file is not a database', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'a.db'), 'no database '.repeat(1000));
    const { status, stderr } = await runProgram('backup', ['b.db'], folder, SETTINGS);
    expect([status, stderr]).toEqual([1, expect.stringContaining('it is not a database')]);
    expect(readdirSync(folder)).toEqual(['a.db']);
  });

  test('leaves nothing behind if the disk is full', async () => {
    const folder = await folderWithDatabase();
    const client = createClient({ url: `file:${join(folder, 'a.db')}` });
    await addEvents(drizzle({ client }), 30_000, 0);
    client.close();
    // Simulates a full disk by a limit on the size of files, which any user may set.
    const limited = `trap '' XFSZ; ulimit -f 512; exec "$0" "$1" b.db`;
    const command = ['sh', '-c', limited, process.execPath, programPath('backup')];
    const { status, stderr } = await run(command, folder, SETTINGS);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/the disk|no room/)]);
    expect(readdirSync(folder).filter((name) => !name.startsWith('a.db'))).toEqual([]);
    expect((await runProgram('backup', ['b.db'], folder, SETTINGS)).status).toBe(0);
  });

  test('for a database server, names the tools to use instead', async () => {
    for (const DATABASE_URL of ['libsql://db.example', 'http://127.0.0.1:1']) {
      const { status, stderr } = await runProgram('backup', ['b'], emptyFolder(), { DATABASE_URL });
      expect(status).toBe(1);
      expect(stderr).toMatch(/turso db shell .* \.dump/);
      expect(stderr).toContain('wrangler d1 export');
    }
  });
});

describe('npm run db:check', () => {
  const check = (folder: string, settings: Record<string, string> = SETTINGS) =>
    runProgram('check', [], folder, settings);

  test('reports the state of the database, exits with 0 and changes nothing', async () => {
    const folder = await folderWithDatabase();
    const before = readFileSync(join(folder, 'a.db'));
    const { status, stdout } = await check(folder);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^database +\S+a\.db, [\d.]+ KB\nintegrity +ok\nreferences +ok\nmigrations +ok, all \d+ applied\njournal +wal\nrows +.*users 0/,
    );
    expect(readFileSync(join(folder, 'a.db')).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['a.db']);
  });

  test('finds a row with a broken reference', async () => {
    const folder = await folderWithDatabase();
    const session =
      "insert into sessions (id, user_id, rotated_at, created_at, last_used_at, expires_at, method) values ('x', 7, 0, 0, 0, 0, 'password')";
    await change(folder, 'PRAGMA foreign_keys = off', session);
    const { status, stdout, stderr } = await check(folder);
    expect([status, stderr.trim()]).toEqual([1, 'Not in order: references.']);
    expect(stdout).toContain('1 rows lead nowhere, in sessions');
  });

  test('finds a missing migration and names the remedy; reports a migration of a newer version', async () => {
    const folder = await folderWithDatabase();
    await change(folder, "insert into __drizzle_migrations (hash, created_at) values ('newer', 1)");
    expect((await check(folder)).stdout).toMatch(/migrations +ok, .* 1 of a newer version/);
    await change(folder, 'delete from __drizzle_migrations where rowid = 1');
    const { status, stdout } = await check(folder);
    expect(status).toBe(1);
    expect(stdout).toMatch(/1 of \d+ missing: run `latchkey migrate` \(`npm run db:migrate`\)/);
  });

  test('finds a damaged page', async () => {
    const folder = await folderWithDatabase();
    const client = createClient({ url: `file:${join(folder, 'a.db')}` });
    await addEvents(drizzle({ client }), 5000, 0);
    // Moves the events into the database file, so that its last pages contain them.
    await client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    client.close();
    const path = join(folder, 'a.db');
    const bytes = readFileSync(path);
    bytes.fill(0xff, bytes.length - 40_960, bytes.length - 8192);
    writeFileSync(path, bytes);
    const { status, stdout, stderr } = await check(folder);
    expect([status, stderr]).toEqual([1, expect.stringContaining('Not in order: integrity')]);
    expect(stdout).not.toMatch(/integrity +ok/);
    const backup = await runProgram('backup', ['b.db'], folder, SETTINGS);
    expect([backup.status, backup.stderr]).toEqual([1, expect.stringContaining('it is damaged')]);
  });

  test('for a file that is not a database, a missing file and an unreachable server, prints one line and exits with 1', async () => {
    const folder = emptyFolder();
    expect((await check(folder)).stderr).toContain('There is no database at ');
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, 'a.db'), 'no database '.repeat(1000));
    expect((await check(folder)).stderr).toMatch(/^DATABASE_URL: .* is not a SQLite database\./);
    const DATABASE_URL = `http://127.0.0.1:${await freePort()}`;
    const { status, stderr } = await check(folder, { DATABASE_URL });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^DATABASE_URL: .*ECONNREFUSED/)]);
    const extra = await runProgram('check', ['a.db'], folder, SETTINGS);
    expect([extra.status, extra.stderr]).toEqual([
      2,
      'Unknown argument: a.db\nUsage: latchkey check\n',
    ]);
  });

  test('checks a libSQL server as well', async () => {
    const settings = { DATABASE_URL: await libsqlServer() };
    const folder = emptyFolder();
    const missing = await check(folder, settings);
    expect([missing.status, missing.stderr.trim()]).toEqual([1, 'Not in order: migrations.']);
    await runProgram('migrate', [], folder, settings);
    const { status, stdout } = await check(folder, settings);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^integrity +ok\nreferences +ok/)]);
  });
});
