import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openSource } from '../../src/runtime/sources/open.ts';
import { kpaStatements, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import {
  accountsIn,
  hashStart,
  KPA_ACCOUNTS,
  KPA_HASHES,
  known,
  personOf,
  readSource,
} from '../support/source-room.ts';

const MANY = `INSERT INTO users SELECT i, i::text, 'h', 'Ünï ' || i, NULL FROM generate_series(5, 1004) i`;

describe('a PostgreSQL database', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(() =>
    server.run(`DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${kpaStatements()}`),
  );

  test('of the phone backend has its four accounts, exactly as they are', async () => {
    const reads = await readSource('kpa', server.url);
    const accounts = reads.map(({ account }) => account);
    expect(accounts.map(personOf)).toEqual(KPA_ACCOUNTS);
    expect(accounts.map(hashStart)).toEqual(KPA_HASHES);
    expect(reads.map(({ done, account }) => [done, account.place])).toEqual(
      [1, 2, 3, 4].map((row) => [row, `row ${row}`]),
    );
  });

  test('is read in pages, in the order of the ids, and may be left early', async () => {
    await server.run(MANY);
    const source = await openSource('kpa', server.url.replace('postgres:', 'postgresql:'));
    expect([source.unit, source.total]).toEqual(['rows', 1004]);
    for await (const { done } of source.read()) if (done === 300) break;
    await source.close();
    await source.close();
    const ids = (await accountsIn('kpa', server.url)).map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 1004 }, (_, at) => `${at + 1}`));
  });

  test('with ids that are missing or not unique loses no row', async () => {
    await server.run(`ALTER TABLE users ALTER id DROP NOT NULL;
      INSERT INTO users SELECT 7, i::text, 'h', '', NULL FROM generate_series(1, 450) i;
      INSERT INTO users VALUES (NULL, '1', 'h', '', NULL)`);
    const accounts = await accountsIn('kpa', server.url);
    expect(accounts).toHaveLength(455);
    expect(accounts.at(-1)?.id).toBe('');
  });

  test('of Better Auth joins users and passwords, whatever the formats of the session', async () => {
    await server.run(`SET datestyle = 'German'; SET timezone = 'Asia/Kolkata';
      CREATE TABLE "user" (id uuid PRIMARY KEY, name text, email text, "emailVerified" boolean,
        "createdAt" timestamptz, "updatedAt" timestamp, banned boolean);
      CREATE TABLE account ("userId" uuid, "providerId" text, password text);
      INSERT INTO "user" VALUES ('00000000-0000-0000-0000-000000000001', 'Ada', 'ada@x', true,
        '2024-01-02 03:04:05.678Z', '2024-01-02 03:04:05', true),
        ('00000000-0000-0000-0000-000000000002', 'Bob', 'bob@x', false, 'infinity', NULL, NULL);
      INSERT INTO account VALUES ('00000000-0000-0000-0000-000000000001', 'credential', 's:k')`);
    const accounts = await accountsIn('better-auth', server.url);
    const at = Date.UTC(2024, 0, 2, 3, 4, 5);
    const id = '00000000-0000-0000-0000-00000000000';
    expect(accounts.map(known)).toEqual([
      {
        ...{ place: 'row 1', id: `${id}1`, name: 'Ada', email: 'ada@x', passwordHash: 's:k' },
        ...{ emailVerifiedAt: true, createdAt: at + 678, updatedAt: at, disabledAt: true },
      },
      {
        ...{ place: 'row 2', id: `${id}2`, name: 'Bob', email: 'bob@x' },
        unreadable: [{ field: 'createdAt', message: 'is not a time' }],
      },
    ]);
  });

  test('is read from the schema that a map names', async () => {
    await server.run(`CREATE SCHEMA IF NOT EXISTS "my app";
      DROP TABLE IF EXISTS "my app"."p""x"; CREATE TABLE "my app"."p""x" (k int, "e mail" text);
      INSERT INTO "my app"."p""x" VALUES (1, 'a@x')`);
    const map = { source: 'app', times: 'iso', columns: { id: 'k', email: 'e mail' } } as const;
    const accounts = await accountsIn('csv', server.url, {
      ...map,
      schema: 'my app',
      table: 'p"x',
    });
    expect(accounts.map(({ id, email }) => [id, email])).toEqual([['1', 'a@x']]);
  });

  test('may be a view of either kind', async () => {
    await server.run(`ALTER TABLE users RENAME TO people;
      CREATE MATERIALIZED VIEW users AS SELECT * FROM people`);
    expect((await accountsIn('kpa', server.url)).map(personOf)).toEqual(KPA_ACCOUNTS);
    const map = { source: 'app', times: 'iso', columns: { id: 'id', email: 'email' } } as const;
    await expect(accountsIn('csv', server.url, { ...map, table: 'public.users' })).rejects.toThrow(
      /no table "public\.users"\. It has: people, users\. In --map FILE, a schema has a member of its own: "schema"\./,
    );
  });

  test('without the table or a column is rejected with those there are', async () => {
    await expect(accountsIn('pms', server.url)).rejects.toThrow(
      /:\d+\/postgres: The table "users" has no column "hashed_password"\. It has: id, phone, password_hash, name, email\./,
    );
    await expect(accountsIn('django', server.url)).rejects.toThrow(
      /The database has no table "auth_user"\. It has: users\./,
    );
  });

  test('without TLS is rejected if the URL asks for it', async () => {
    await expect(accountsIn('kpa', `${server.url}?sslmode=require`)).rejects.toThrow(
      /^postgres:\/\/127\.0\.0\.1:\d+\/postgres cannot be read: the server has no TLS\. /,
    );
  });
});

test('a PostgreSQL database that is lost while it is read is an error, without the password', async () => {
  const server = await startPostgres();
  await server.run(`${kpaStatements()} ${MANY}`);
  const source = await openSource('kpa', server.url);
  const read = async () => {
    for await (const { done } of source.read()) if (done === 100) await server.stop();
  };
  const error = await read().catch(String);
  expect(error).toMatch(
    /^CommandError: postgres:\/\/127\.0\.0\.1:\d+\/postgres cannot be read: the connection was lost\.$/,
  );
  await source.close();
});

test.each(['postgres', 'mysql'])('a %s server that does not answer is given up', async (scheme) => {
  const silent = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  await new Promise((resolve) => silent.once('listening', resolve));
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const error = await openSource('kpa', `${scheme}://u:s3cr3t-pw@127.0.0.1:${port}/db`).catch(
    String,
  );
  expect(error).toBe(
    `CommandError: ${scheme}://127.0.0.1:${port}/db cannot be read: the server does not answer.`,
  );
});
