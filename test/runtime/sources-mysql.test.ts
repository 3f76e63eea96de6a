import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { openSource } from '../../src/runtime/sources/open.ts';
import {
  type MysqlServer,
  missingMysql,
  PMS_TABLE,
  pmsRows,
  startMysql,
} from '../support/mysql-server.ts';
import {
  accountsIn,
  fixture,
  known,
  PMS_ACCOUNTS,
  personOf,
  readSource,
} from '../support/source-room.ts';

describe('a MySQL database', () => {
  let server: MysqlServer;
  beforeAll(async () => {
    if (missingMysql === undefined) server = await startMysql();
  });
  afterAll(() => server?.stop());
  beforeEach(async ({ skip }) => {
    if (missingMysql !== undefined) skip(missingMysql);
    await server.run('DROP TABLE IF EXISTS users, user, account', PMS_TABLE);
  });

  test('of the profile system has its five accounts, exactly as they are', async () => {
    await server.run(...pmsRows());
    const [reads, sqlite] = [
      await readSource('pms', server.url),
      await readSource('pms', `sqlite:${fixture('pms.db')}`),
    ];
    expect(reads.map(({ account }) => personOf(account))).toEqual(PMS_ACCOUNTS);
    expect(reads).toEqual(sqlite);
    expect(await accountsIn('pms', server.url.replace('mysql:', 'mariadb:'))).toHaveLength(5);
  });

  test('is read in one state, may be written meanwhile, and may be left early', async () => {
    await server.run(
      "INSERT INTO users SELECT seq, concat(seq, '@x'), 'h', '', '' FROM seq_1_to_5000",
    );
    const source = await openSource('pms', server.url);
    expect([source.unit, source.total]).toEqual(['rows', 5000]);
    await server.run('DELETE FROM users WHERE id > 1000');
    const ids: string[] = [];
    for await (const { account } of source.read()) ids.push(account.id);
    await source.close();
    await source.close();
    expect(ids).toEqual(Array.from({ length: 5000 }, (_, at) => `${at + 1}`));

    const other = await openSource('pms', server.url);
    for await (const { done } of other.read()) if (done === 10) break;
    await other.close();
  });

  test('of Better Auth joins users and passwords, with times in UTC and flags of every type', async () => {
    await server.run(
      `CREATE TABLE user (id varchar(36) PRIMARY KEY, name text, email varchar(255), emailVerified bit(1),
        createdAt timestamp(3) NULL, updatedAt datetime, banned tinyint(1))`,
      'CREATE TABLE account (userId varchar(36), providerId text, password text)',
      "SET time_zone = '+05:30'",
      `INSERT INTO user VALUES ('a', 'Ada 🔑', 'ada@x', 1, '2024-01-02 08:34:05.678', '2024-01-02 03:04:05', 1),
        ('b', 'Bob', 'bob@x', 0, NULL, NULL, 0)`,
      "SET sql_mode = ''",
      "INSERT INTO user VALUES ('c', 'Cyd', 'cyd@x', NULL, NULL, '0000-00-00 00:00:00', NULL)",
      "INSERT INTO account VALUES ('a', 'github', NULL), ('a', 'credential', 's:k')",
    );
    const at = Date.UTC(2024, 0, 2, 3, 4, 5);
    expect((await accountsIn('better-auth', server.url)).map(known)).toEqual([
      {
        ...{ place: 'row 1', id: 'a', name: 'Ada 🔑', email: 'ada@x', passwordHash: 's:k' },
        ...{ emailVerifiedAt: true, createdAt: at + 678, updatedAt: at, disabledAt: true },
      },
      { place: 'row 2', id: 'b', name: 'Bob', email: 'bob@x' },
      {
        ...{ place: 'row 3', id: 'c', name: 'Cyd', email: 'cyd@x' },
        unreadable: [{ field: 'updatedAt', message: 'is not a time' }],
      },
    ]);
  });

  test('has ids of bytes as UUIDs, hexadecimal digits or text', async () => {
    await server.run(
      `CREATE TABLE user (id binary(16) PRIMARY KEY, name text, email varchar(255), emailVerified bit(1))`,
      'CREATE TABLE account (userId binary(16), providerId text, password text)',
      "INSERT INTO user VALUES (x'0190A1B2C3D4E5F60718293A4B5C6D7E', 'é', 'a@x', 1), ('0123456789abcdef', '', 'b@x', 0)",
      "INSERT INTO account VALUES ('0123456789abcdef', 'credential', 's:k')",
    );
    const accounts = await accountsIn('better-auth', server.url);
    expect(accounts.map(({ id, email, passwordHash }) => [id, email, passwordHash])).toEqual([
      ['0190a1b2-c3d4-e5f6-0718-293a4b5c6d7e', 'a@x', null],
      ['30313233-3435-3637-3839-616263646566', 'b@x', 's:k'],
    ]);
    await server.run(
      'ALTER TABLE users MODIFY id varbinary(40)',
      "INSERT INTO users VALUES (x'ff00', 'a@x', 'h', '', ''), ('0123456789abcdef', 'b@x', 'h', '', '')",
    );
    const others = await accountsIn('pms', server.url);
    expect(others.map(({ id }) => id)).toEqual(['0123456789abcdef', 'ff00']);
  });

  test('is read with the password in MYSQL_PWD, if the URL has none', async () => {
    await server.run(...pmsRows());
    const url = server.url.replace(':s3cr3t-pw', '');
    expect(String(await openSource('pms', url).catch(String))).toMatch(/password is wrong/);
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('MYSQL_PWD', 's3cr3t-pw');
    expect(await accountsIn('pms', url)).toHaveLength(5);
    vi.stubEnv('MYSQL_PWD', 'another');
    expect(await accountsIn('pms', `${server.url}?sslmode=disable`)).toHaveLength(5);
  });

  test('is not read where the URL, the password, the table or a column is wrong', async () => {
    const wrong = async (url: string, kind: 'pms' | 'kpa' | 'django' = 'pms') =>
      openSource(kind, url).catch(String);
    const at = server.url.replace('reader:s3cr3t-pw@', '');
    expect(await wrong(server.url.replace('s3cr3t-pw', 'n0t-th1s'))).toBe(
      `CommandError: ${at} cannot be read: the user name or the password is wrong.`,
    );
    expect(await wrong(server.url.replace('/app', '/mysql'))).toMatch(
      /this user may not read the database/,
    );
    expect(await wrong(server.url.replace('/app', ''))).toMatch(/the URL must name a database/);
    expect(await wrong(server.url, 'django')).toBe(
      `CommandError: ${at}: The database has no table "auth_user". It has: users.`,
    );
    expect(await wrong(server.url, 'kpa')).toMatch(/The table "users" has no column "phone"/);
    expect(await wrong(`${server.url}?ssl={"rejectUnauthorized":true}`)).toMatch(/SSL|TLS|secure/i);
  });

  test('that is lost while it is read is an error, without the password', async () => {
    await server.run(
      "INSERT INTO users SELECT seq, concat(seq, '@x'), 'h', repeat('x', 200), repeat('x', 4000) FROM seq_1_to_50000",
    );
    const source = await openSource('pms', server.url);
    const read = async () => {
      for await (const { done } of source.read())
        if (done === 100) await server.run('KILL USER reader');
    };
    expect(await read().catch(String)).toMatch(
      /^CommandError: mysql:\/\/127\.0\.0\.1:\d+\/app cannot be read: the connection was lost\.$/,
    );
    await source.close();
  });
});
