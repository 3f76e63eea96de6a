// Counts the database requests of each operation. On the edge, each is a round trip over the network. Their number
// determines the latency of a response more than any other figure.
import { join } from 'node:path';
import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import { createClient } from '@libsql/client';
import { drizzle as drizzleD1 } from 'drizzle-orm/d1';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import type { ExecutionContext } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/core/db/database.ts';
import { createLogger } from '../../src/core/log.ts';
import { createOutbound } from '../../src/core/outbound.ts';
import { createDeps } from '../../src/deps.ts';
import { createEmbeddedClient } from '../../src/runtime/databases/embedded-client.ts';
import { createAssetReader } from '../../src/runtime/ports/assets.ts';
import { migratedD1, migratedServer } from '../support/databases.ts';
import { emptyFolder } from '../support/server.ts';
import { bearer, form, json, MIGRATIONS, testSettings } from '../support/test-app.ts';

interface Counted {
  readonly db: Database;
  /** The number of database requests so far. */
  trips(): number;
}

/** For each driver, counts the calls that leave this process, or would leave it. */
const drivers: Readonly<Record<string, () => Promise<Counted>>> = {
  async 'a file'() {
    const client = createEmbeddedClient(join(emptyFolder(), 'test.db'));
    onTestFinished(() => client.close());
    await migrate(drizzle({ client }), { migrationsFolder: MIGRATIONS });
    let trips = 0;
    const counted: typeof client = {
      ...client,
      execute: (...args: Parameters<typeof client.execute>) => {
        trips++;
        return client.execute(...args);
      },
      batch: (...args) => {
        trips++;
        return client.batch(...args);
      },
      lookUp: (sql) => {
        const find = client.lookUp(sql);
        return (args) => {
          trips++;
          return find(args);
        };
      },
    };
    const { lookUp } = counted;
    return { db: Object.assign(drizzle({ client: counted }), { lookUp }), trips: () => trips };
  },

  async 'a libSQL server'() {
    const url = await migratedServer();
    let trips = 0;
    const client = createClient({
      url,
      fetch: (...args: Parameters<typeof fetch>) => {
        trips++;
        return fetch(...args);
      },
    });
    onTestFinished(() => client.close());
    return { db: drizzle({ client }), trips: () => trips };
  },

  async D1() {
    const d1 = await migratedD1();
    let trips = 0;
    const bare = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
    function counted(statement: D1PreparedStatement): D1PreparedStatement {
      const asking =
        <Args extends unknown[], Result>(ask: (...args: Args) => Result) =>
        (...args: Args): Result => {
          trips++;
          return ask(...args);
        };
      const wrapper = {
        bind: (...values: unknown[]) => counted(statement.bind(...values)),
        all: asking(() => statement.all()),
        run: asking(() => statement.run()),
        raw: asking(() => statement.raw()),
        first: asking(() => statement.first()),
        // The cast is safe, because drizzle does not use the missing overloads.
      } as D1PreparedStatement;
      bare.set(wrapper, statement);
      return wrapper;
    }
    const client = {
      prepare: (sql: string) => counted(d1.prepare(sql)),
      batch: (statements: D1PreparedStatement[]) => {
        trips++;
        return d1.batch(statements.map((statement) => bare.get(statement) ?? statement));
      },
      // The cast is safe, because drizzle calls only these methods.
    } as D1Database;
    return { db: drizzleD1(client), trips: () => trips };
  },
};

/** Includes limits and session checks. Excludes the write of the last use, which happens at most once a minute. */
const TRIPS = {
  'POST /auth/signup': 2,
  'POST /auth/login': 3,
  'POST /auth/login, known device': 3,
  'POST /auth/login, wrong password': 3,
  'POST /auth/login, wrong password on a known device': 3,
  'POST /auth/login, unknown user': 3,
  'GET /profile/me': 1,
  'PUT /profile/me': 2,
  'PATCH /profile/me': 2,
  'GET /auth/sessions': 2,
  'GET /auth/devices': 2,
  'GET /auth/activity': 2,
  'POST /auth/refresh': 1,
  'POST /auth/reauthenticate': 4,
  'POST /auth/password/forgot': 3,
  'POST /auth/password/forgot, unknown user': 3,
  'POST /auth/password/forgot, beyond the limit': 3,
  'POST /auth/code': 3,
  'POST /auth/code, unknown user': 3,
  'POST /auth/logout': 1,
  'POST /api/v1/auth/signup': 3,
  'POST /api/v1/auth/login': 3,
  'GET /api/v1/user/profile': 1,
} as const;

type Operation = keyof typeof TRIPS;

/** Creates an app on this database, with all its limits. */
async function appOn(db: Database) {
  const { RATE_LIMIT_LOGIN, RATE_LIMIT_SIGNUP, RATE_LIMIT_REFRESH, ...settings } = testSettings;
  const config = parseConfig(settings, {
    environment: 'development',
    databaseUrl: 'file:unused',
    hasFiles: true,
  });
  const log = createLogger('silent', () => {});
  return createApp(
    await createDeps(config, {
      db,
      log,
      fetch: createOutbound(fetch),
      readAsset: createAssetReader(),
    }),
  );
}

/** Refuses what outlives the response: sending a message makes requests of its own. */
const NO_LATER_WORK: ExecutionContext = {
  waitUntil() {
    throw new Error('refused');
  },
  passThroughOnException() {},
  props: {},
};

const EMAIL = 'ada@example.com';
const PASSWORD = 'analytical engine';
const PHONE = '+919876543210';

describe.each(Object.entries(drivers))('on %s', (_name, open) => {
  test('each operation makes exactly the expected number of database requests', async () => {
    const { db, trips } = await open();
    const app = await appOn(db);
    const taken: Partial<Record<Operation, number>> = {};

    async function ask(operation: Operation, status: number, init: RequestInit = {}) {
      const [method, path = ''] = (operation.split(',')[0] ?? '').split(' ');
      const before = trips();
      // With an address, because the limits by address also make database requests.
      const answer = await app.request(
        path,
        { method, ...init } as RequestInit,
        { clientAddress: '203.0.113.7' },
        NO_LATER_WORK,
      );
      taken[operation] = trips() - before;
      expect([operation, answer.status]).toEqual([operation, status]);
      return (await answer.json().catch(() => ({}))) as Record<string, string>;
    }

    await ask('POST /auth/signup', 201, json('POST', { email: EMAIL, password: PASSWORD }));
    const logIn = { username: EMAIL, password: PASSWORD };
    const login = await ask('POST /auth/login', 200, form(logIn));
    const device_token = login.device_token ?? '';
    await ask('POST /auth/login, known device', 200, form({ ...logIn, device_token }));
    const wrong = form({ ...logIn, password: 'differential engine' });
    const wrongOnDevice = form({ ...logIn, password: 'differential engine', device_token });
    await ask('POST /auth/login, wrong password on a known device', 400, wrongOnDevice);
    await ask('POST /auth/login, wrong password', 400, wrong);
    const unknown = form({ ...logIn, username: 'nobody@example.com' });
    await ask('POST /auth/login, unknown user', 400, unknown);
    const headers = bearer(login.access_token ?? '');
    await ask('GET /profile/me', 200, { headers });
    await ask('PUT /profile/me', 200, json('PUT', { name: 'Ada' }, headers));
    await ask('PATCH /profile/me', 200, json('PATCH', { bio: 'Poet' }, headers));
    await ask('GET /auth/sessions', 200, { headers });
    await ask('GET /auth/devices', 200, { headers });
    await ask('GET /auth/activity', 200, { headers });
    await ask('POST /auth/reauthenticate', 200, json('POST', { password: PASSWORD }, headers));
    const known = json('POST', { username: EMAIL });
    const stranger = json('POST', { username: 'nobody@example.com' });
    await ask('POST /auth/password/forgot', 202, known);
    await ask('POST /auth/password/forgot, beyond the limit', 202, known);
    await ask('POST /auth/password/forgot, unknown user', 202, stranger);
    await ask('POST /auth/code', 202, known);
    await ask('POST /auth/code, unknown user', 202, stranger);
    const refresh_token = login.refresh_token;
    await ask('POST /auth/refresh', 200, json('POST', { refresh_token }));
    await ask('POST /auth/logout', 204, { headers });
    const phone = { phone: PHONE, password: PASSWORD };
    await ask('POST /api/v1/auth/signup', 201, json('POST', phone));
    const { data } = (await ask(
      'POST /api/v1/auth/login',
      200,
      json('POST', { phone: PHONE, password: PASSWORD }),
    )) as unknown as { data: { token: string } };
    await ask('GET /api/v1/user/profile', 200, { headers: bearer(data.token) });

    expect(taken).toEqual(TRIPS);
  });
});
