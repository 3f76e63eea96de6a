import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'libsql';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openSource } from '../../src/runtime/sources/open.ts';
import { emptyFolder } from '../support/server.ts';
import {
  accountsIn,
  fileOf,
  fixture,
  hashStart,
  known,
  PMS_ACCOUNTS,
  personOf,
  readSource,
} from '../support/source-room.ts';

const USERS =
  'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, hashed_password TEXT, name TEXT, bio TEXT);';

/** Creates a database, and leaves it open. */
function databaseWith(...statements: readonly string[]): { path: string; db: Database.Database } {
  const path = join(emptyFolder(), 'old.db');
  const db = new Database(path);
  onTestFinished(() => void db.close());
  for (const statement of statements) db.exec(statement);
  return { path, db };
}

/** The names, sizes, times and bytes of all files of a folder. */
const stateOf = (path: string) =>
  readdirSync(dirname(path)).map((name) => {
    const file = join(dirname(path), name);
    return [name, statSync(file).size, statSync(file).mtimeMs, readFileSync(file, 'base64')];
  });

describe('a SQLite database', () => {
  test('of the profile system has its five accounts, exactly as they are, and is not changed', async () => {
    const path = join(emptyFolder(), 'pms.db');
    copyFileSync(fixture('pms.db'), path);
    const before = stateOf(path);
    const reads = await readSource('pms', `sqlite:${path}`);
    const accounts = reads.map(({ account }) => account);
    expect(accounts.map(personOf)).toEqual(PMS_ACCOUNTS);
    expect(accounts.map(hashStart)).toEqual([
      '$pbkdf2-sha256$29000$KwV',
      '$pbkdf2-sha256$29000$aG0',
      '$pbkdf2-sha256$29000$/d9',
      '$pbkdf2-sha256$29000$V2p',
      '$pbkdf2-sha256$29000$qlU',
    ]);
    expect(reads.map(({ done, account }) => [done, account.place])).toEqual(
      [1, 2, 3, 4, 5].map((row) => [row, `row ${row}`]),
    );
    expect(stateOf(path)).toEqual(before);
  });

  test('is read with its log, if a crash has left one, and is not changed', async () => {
    const { path, db } = databaseWith('PRAGMA journal_mode = WAL', USERS);
    db.exec("INSERT INTO users VALUES (1, 'a@x', 'h', NULL, '')");
    const copy = join(emptyFolder(), 'old.db');
    for (const end of ['', '-wal']) copyFileSync(path + end, copy + end);
    const before = stateOf(copy);
    expect(before).toHaveLength(2);
    expect((await accountsIn('pms', `sqlite:${copy}`)).map(known)).toEqual([
      { place: 'row 1', id: '1', email: 'a@x', passwordHash: 'h' },
    ]);
    expect(stateOf(copy)).toEqual(before);
  });

  test('whose log is read from a copy leaves no file of it, whatever ends the process', async () => {
    const { path, db } = databaseWith('PRAGMA journal_mode = WAL', USERS);
    db.exec("INSERT INTO users VALUES (1, 'a@x', 'h', NULL, ''), (2, 'b@x', 'h', NULL, '')");
    const copy = join(emptyFolder(), 'old.db');
    for (const end of ['', '-wal']) copyFileSync(path + end, copy + end);
    const temporary = emptyFolder();
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const listeners = process.listenerCount('exit');
    const source = await openSource('pms', `sqlite:${copy}`);
    expect(readdirSync(temporary)).toEqual([]);
    const ids: string[] = [];
    for await (const { account } of source.read()) ids.push(account.id);
    await source.close();
    expect([ids, readdirSync(temporary)]).toEqual([['1', '2'], []]);
    expect(process.listenerCount('exit')).toBe(listeners);

    vi.stubEnv('TMPDIR', join(temporary, 'none'));
    expect(await openSource('pms', `sqlite:${copy}`).catch(String)).toBe(
      `CommandError: The folder of temporary files, ${temporary}/none, does not exist. TMPDIR names another one.`,
    );
  });

  test.each(['whole', 'damaged'])(
    'is read with the log and the %s index that a crash has left, and is not changed',
    async (index) => {
      const { path, db } = databaseWith('PRAGMA journal_mode = WAL', USERS);
      db.exec("INSERT INTO users VALUES (1, 'a@x', 'h', NULL, '')");
      const copy = join(emptyFolder(), 'old.db');
      for (const end of ['', '-wal', '-shm']) copyFileSync(path + end, copy + end);
      if (index === 'damaged') writeFileSync(`${copy}-shm`, Buffer.alloc(32_768, 7));
      const before = stateOf(copy);
      expect(await accountsIn('pms', `sqlite:${copy}`)).toHaveLength(1);
      expect(stateOf(copy)).toEqual(before);
    },
  );

  test.each(['UTF-16le', 'UTF-16be'])(
    'in %s has the same texts, and those that are not valid are unreadable',
    async (encoding) => {
      const { path } = databaseWith(
        `PRAGMA encoding = '${encoding}'`,
        'CREATE TABLE users (id, email, hashed_password, name, bio)',
        `INSERT INTO users VALUES (1, 'ü@x', x'6869', '日本 🔑', CAST(x'd800d800' AS TEXT)),
          ('ä', 'b@x', 'h', '', 1.5)`,
      );
      const accounts = await accountsIn('pms', `sqlite:${path}`);
      expect(accounts.map(({ id }) => id)).toEqual(['1', 'ä']);
      expect(accounts[0]).toMatchObject({ email: 'ü@x', passwordHash: 'hi', name: '日本 🔑' });
      expect(accounts[0]?.unreadable).toEqual(
        encoding === 'UTF-16be' ? [{ field: 'bio', message: 'is not valid Unicode' }] : [],
      );
    },
  );

  test('has ids of bytes as UUIDs, hexadecimal digits or text', async () => {
    const { path } = databaseWith(
      'CREATE TABLE users (id BLOB PRIMARY KEY, email, hashed_password, name, bio)',
      `INSERT INTO users VALUES (x'0190A1B2C3D4E5F60718293A4B5C6D7E', 'a@x', 'h', '', ''),
        (x'30313233343536373839616263646566', 'b@x', 'h', '', ''), (x'ff00', 'c@x', 'h', '', ''),
        (x'6162', 'd@x', 'h', '', ''), (x'', 'e@x', 'h', '', '')`,
    );
    const accounts = await accountsIn('pms', `sqlite:${path}`);
    expect(accounts.map(({ id, email, unreadable }) => [id, email, unreadable])).toEqual([
      ['', 'e@x', []],
      ['0190a1b2-c3d4-e5f6-0718-293a4b5c6d7e', 'a@x', []],
      ['30313233-3435-3637-3839-616263646566', 'b@x', []],
      ['ab', 'd@x', []],
      ['ff00', 'c@x', []],
    ]);
  });

  test('is read with its log while its program has it open', async () => {
    const { path, db } = databaseWith('PRAGMA journal_mode = WAL', USERS);
    db.exec("INSERT INTO users VALUES (1, 'a@x', 'h', NULL, '')");
    const before = readdirSync(dirname(path));
    expect(await accountsIn('pms', `sqlite:${path}`)).toHaveLength(1);
    expect(readdirSync(dirname(path))).toEqual(before);
    db.exec("INSERT INTO users VALUES (2, 'b@x', 'h', NULL, '')");
    expect(await accountsIn('pms', `sqlite:${path}`)).toHaveLength(2);
  });

  test.each(['WAL', 'DELETE'])(
    'in mode %s is read in one state, and may be written meanwhile',
    async (mode) => {
      const { path, db } = databaseWith(`PRAGMA journal_mode = ${mode}`, USERS);
      db.exec(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO users SELECT i, i || '@x', 'h', '', '' FROM n",
      );
      const source = await openSource('pms', `sqlite:${path}`);
      const ids: string[] = [];
      for await (const { account } of source.read()) {
        if (ids.length % 100 === 0) db.exec(`DELETE FROM users WHERE id > ${1000 - ids.length}`);
        ids.push(account.id);
      }
      await source.close();
      await source.close();
      expect(source.total).toBe(1000);
      expect(ids).toEqual(Array.from({ length: 1000 }, (_, at) => `${at + 1}`));
    },
  );

  test('has values of every type, which are exact or unreadable', async () => {
    const { path } = databaseWith(
      'CREATE TABLE users (id, email, hashed_password, name, bio)',
      `INSERT INTO users VALUES
        (9007199254740993, 'a@x', x'6162', 12, 1.5),
        ('2', CAST(x'ff40' AS TEXT), 'h', 'a' || char(0), x'ff'),
        (NULL, '', '', '', ''), ('4', 'b', 'h', '', ''), ('4', 'c', 'h', '', '')`,
    );
    const accounts = await accountsIn('pms', `sqlite:${path}`);
    expect(
      accounts.map(({ id, unreadable }) => [
        id,
        unreadable.map(({ field, message }) => `${field} ${message}`),
      ]),
    ).toEqual([
      ['', []],
      ['9007199254740993', ['bio is a number that cannot be read exactly']],
      [
        '2',
        ['email is not valid UTF-8', 'name contains a NUL character', 'bio is not valid UTF-8'],
      ],
      ['4', []],
      ['4', []],
    ]);
    expect(accounts[1]).toMatchObject({ passwordHash: 'ab', name: '12' });
  });

  test.each([
    [
      'has no such table',
      'CREATE TABLE people (id)',
      /old\.db: The database has no table "users"\. It has: people\./,
    ],
    [
      'has no such column',
      'CREATE TABLE users (id, mail)',
      /The table "users" has no column "email"\. It has: id, mail\./,
    ],
  ])('that %s is rejected with those there are', async (_, statement, message) => {
    const { path } = databaseWith(statement);
    await expect(accountsIn('pms', `sqlite:${path}`)).rejects.toThrow(message);
  });

  test('that is cut off or damaged is rejected', async () => {
    const bytes = readFileSync(fixture('pms.db'));
    for (const damaged of [bytes.subarray(0, 4096), bytes.subarray(0, 50)]) {
      const file = fileOf(damaged, 'cut.db');
      await expect(accountsIn('pms', `sqlite:${file}`)).rejects.toThrow(/cut\.db/);
    }
  });

  test('after a crash in rollback mode is rejected, because its journal cannot be applied', async () => {
    const { path, db } = databaseWith(USERS, "INSERT INTO users VALUES (1, 'a@x', 'h', '', '')");
    db.exec('PRAGMA cache_size = 1; PRAGMA cache_spill = ON; BEGIN');
    db.exec(
      "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO users SELECT i, i || '@x', 'h', '', '' FROM n",
    );
    const crashed = join(emptyFolder(), 'old.db');
    for (const end of ['', '-journal']) copyFileSync(path + end, crashed + end);
    const before = stateOf(crashed);
    await expect(accountsIn('pms', `sqlite:${crashed}`)).rejects.toThrow(/was not closed properly/);
    expect(stateOf(crashed)).toEqual(before);
  });

  test('of Better Auth joins users and passwords, in either style of names', async () => {
    const at = Date.UTC(2024, 0, 2, 3, 4, 5);
    const styles = [
      ['emailVerified', 'createdAt', 'userId', 'providerId', `'2024-01-02T03:04:05.000Z'`],
      ['email_verified', 'created_at', 'user_id', 'provider_id', `${at / 1000}`],
      ['email_verified', 'createdAt', 'userId', 'provider_id', `${at}`],
    ];
    for (const [verified, created, user, provider, time] of styles) {
      const { path } = databaseWith(
        `CREATE TABLE user (id TEXT PRIMARY KEY, name TEXT, email TEXT, ${verified} INTEGER, ${created})`,
        `CREATE TABLE account (id TEXT, ${user} TEXT, ${provider} TEXT, password TEXT)`,
        `INSERT INTO user VALUES ('u2', 'Bob', 'bob@x', 0, ${time}), ('u1', 'Ada', 'ada@x', 1, ${time})`,
        `INSERT INTO account VALUES ('1', 'u1', 'github', NULL), ('2', 'u1', 'credential', 'salt:key')`,
      );
      const accounts = await accountsIn('better-auth', `sqlite:${path}`);
      expect(accounts.map(known)).toEqual([
        {
          place: 'row 1',
          id: 'u1',
          name: 'Ada',
          email: 'ada@x',
          emailVerifiedAt: true,
          createdAt: at,
          passwordHash: 'salt:key',
        },
        { place: 'row 2', id: 'u2', name: 'Bob', email: 'bob@x', createdAt: at },
      ]);
    }
  });

  test('with a map is read from the table that it names', async () => {
    const { path } = databaseWith(
      'CREATE TABLE "my ""people""" ("the id" INTEGER, mail TEXT)',
      `INSERT INTO "my ""people""" VALUES (2, 'b@x'), (1, 'a@x')`,
    );
    const map = { source: 'app', times: 'iso', columns: { id: 'the id', email: 'mail' } } as const;
    const accounts = await accountsIn('csv', `sqlite:${path}`, { ...map, table: 'my "people"' });
    expect(accounts.map(({ id, email }) => [id, email])).toEqual([
      ['1', 'a@x'],
      ['2', 'b@x'],
    ]);
    await expect(accountsIn('csv', `sqlite:${path}`, map)).rejects.toThrow(/must name the "table"/);
  });

  test('of zeros after its header is rejected', async () => {
    const bytes = readFileSync(fixture('pms.db'));
    const path = fileOf('', 'zeros.db');
    writeFileSync(path, bytes.fill(0, 100));
    await expect(accountsIn('pms', `sqlite:${path}`)).rejects.toThrow(/zeros\.db/);
  });
});
