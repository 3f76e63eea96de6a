import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLibsql } from '../../src/runtime/databases/libsql.ts';
import { emptyFolder } from '../support/server.ts';
import { snapshotOf } from '../support/snapshot.ts';

const OLD_BACKEND = new URL('../fixtures/pms.db', import.meta.url);
const LEDGER =
  'CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)';

const urlOf = (path: string) => pathToFileURL(path).href;

/** Creates a database, and returns the path of a copy in another folder that no connection has open. */
async function databaseOf(
  statements: readonly string[],
  { without = [] }: { readonly without?: readonly string[] } = {},
): Promise<string> {
  const [original, path] = [join(emptyFolder(), 'a.db'), join(emptyFolder(), 'a.db')];
  const client = createClient({ url: urlOf(original) });
  for (const statement of statements) await client.execute(statement);
  for (const end of ['', '-wal', '-shm']) {
    if (existsSync(original + end) && !without.includes(end)) {
      copyFileSync(original + end, path + end);
    }
  }
  client.close();
  return path;
}

const open = async (path: string): Promise<void> => {
  const database = await openLibsql({ databaseUrl: urlOf(path), databaseAuthToken: undefined });
  try {
    await database.migrate();
  } finally {
    database.close();
  }
};

/** Expects that a file is rejected with a matching message, and that its folder is unchanged. */
async function expectRefused(path: string, words: RegExp): Promise<void> {
  const folder = join(path, '..');
  const before = snapshotOf(folder);
  await expect(open(path)).rejects.toMatchObject({
    name: 'CommandError',
    message: expect.stringMatching(words),
  });
  expect(snapshotOf(folder)).toEqual(before);
}

describe('[S51] a database file of another program is rejected, and not a byte is changed', () => {
  test('the database of the old backend', async () => {
    const path = join(emptyFolder(), 'pms.db');
    copyFileSync(OLD_BACKEND, path);
    await expectRefused(
      path,
      /^DATABASE_URL: .*pms\.db belongs to another program \(tables: users\)\. Nothing was changed\./,
    );
  });

  test('through a symbolic link', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'old'));
    copyFileSync(OLD_BACKEND, join(folder, 'old/pms.db'));
    symlinkSync(join(folder, 'old/pms.db'), join(folder, 'link.db'));
    await expectRefused(join(folder, 'link.db'), /another program/);
    expect(lstatSync(join(folder, 'link.db')).isSymbolicLink()).toBe(true);
  });

  test('in WAL mode, in which the driver creates files beside it', async () => {
    const path = await databaseOf(
      ['PRAGMA journal_mode = WAL', 'CREATE TABLE notes (a)', 'PRAGMA wal_checkpoint(TRUNCATE)'],
      { without: ['-wal', '-shm'] },
    );
    await expectRefused(path, /tables: notes/);
  });

  test('in WAL mode, with all tables still in the -wal file after a crash', async () => {
    const path = await databaseOf(['PRAGMA journal_mode = WAL', 'CREATE TABLE notes (a)']);
    expect(readFileSync(path).includes('notes')).toBe(false);
    await expectRefused(path, /tables: notes/);
  });

  test('of another program that also migrates with drizzle', async () => {
    const path = await databaseOf([
      LEDGER,
      'CREATE TABLE users (id)',
      "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('00ff', 1700000000000)",
    ]);
    await expectRefused(path, /tables: __drizzle_migrations, users/);
  });

  test('with tables and an empty migration ledger', async () => {
    await expectRefused(await databaseOf([LEDGER, 'CREATE TABLE users (id)']), /another program/);
  });

  test('with many tables: the message names some, without control characters', async () => {
    const names = ['a\u001b[31m', 'b', 'c', 'd', 'e', 'f'];
    const path = await databaseOf(names.map((name) => `CREATE TABLE "${name}" (x)`));
    await expectRefused(path, /\(tables: a\?\[31m, b, c, d, e, …\)/);
  });

  test('with a view and no table', async () => {
    await expectRefused(await databaseOf(['CREATE VIEW v AS SELECT 1']), /tables: v/);
  });

  test('that is not a database', async () => {
    const path = join(emptyFolder(), 'notes.txt');
    writeFileSync(path, 'Remember the milk.\n'.repeat(300));
    await expectRefused(path, /notes\.txt is not a SQLite database\. Nothing was changed\./);
  });

  test('in WAL mode, copied with its -wal file but without -shm', async () => {
    const path = await databaseOf(['PRAGMA journal_mode = WAL', 'CREATE TABLE notes (a)'], {
      without: ['-shm'],
    });
    await expectRefused(path, /tables: notes/);
  });

  test('while the other program has it open; it can still write', async () => {
    const path = join(emptyFolder(), 'a.db');
    const other = createClient({ url: urlOf(path) });
    onTestFinished(() => other.close());
    for (const sql of ['PRAGMA journal_mode = WAL', 'CREATE TABLE notes (a)']) {
      await other.execute(sql);
    }
    await expectRefused(path, /tables: notes/);
    await other.execute('INSERT INTO notes VALUES (1)');
  });
});

describe('[S51] a database of Latchkey, or of no program, is accepted', () => {
  test('a missing file, an empty file, and a migrated database', async () => {
    const folder = emptyFolder();
    const path = join(folder, 'new/latchkey.db');
    await open(path);
    await open(path);
    writeFileSync(join(folder, 'empty.db'), '');
    await open(join(folder, 'empty.db'));
  });

  test.each([
    ['an empty database', ['PRAGMA user_version = 3']],
    ['a database whose first start ended after it created the migration ledger', [LEDGER]],
    ['a database that Litestream has replicated', ['CREATE TABLE _litestream_seq (id)']],
    [
      'a database with an empty migration ledger, still in the -wal file after a crash',
      ['PRAGMA journal_mode = WAL', LEDGER],
    ],
  ])('%s', async (_, statements) => {
    await open(await databaseOf(statements));
  });

  test('a database of a newer version, with migrations that had other line endings', async () => {
    const path = join(emptyFolder(), 'a.db');
    await open(path);
    const client = createClient({ url: urlOf(path) });
    await client.execute("UPDATE __drizzle_migrations SET hash = 'of a file with CRLF'");
    await client.execute(
      "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', 9999999999999)",
    );
    client.close();
    await open(path);
  });

  test('a database with all tables still in the -wal file after a crash', async () => {
    const [path, copy] = [join(emptyFolder(), 'a.db'), join(emptyFolder(), 'a.db')];
    const database = await openLibsql({ databaseUrl: urlOf(path), databaseAuthToken: undefined });
    await database.migrate();
    for (const end of ['', '-wal', '-shm']) copyFileSync(path + end, copy + end);
    database.close();
    expect(readFileSync(copy).includes('users')).toBe(false);
    await open(copy);
  });

  test('ten concurrent opens of a new file all succeed', async () => {
    const path = join(emptyFolder(), 'a.db');
    await Promise.all(Array.from({ length: 10 }, () => open(path)));
  });

  test('a damaged database is not reported as one of another program', async () => {
    const path = join(emptyFolder(), 'a.db');
    await open(path);
    const copy = join(emptyFolder(), 'b.db');
    copyFileSync(path, copy);
    truncateSync(copy, 4096);
    const error = await open(copy).catch((reason: unknown) => reason);
    expect(String(error)).not.toMatch(/another program/);
  });
});
