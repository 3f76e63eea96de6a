import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { createClient } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/config.ts';
import { createLogger } from '../../src/core/log.ts';
import { createOutbound } from '../../src/core/outbound.ts';
import { createDeps } from '../../src/deps.ts';
import { openLibsql } from '../../src/runtime/databases/libsql.ts';
import { createAssetReader } from '../../src/runtime/ports/assets.ts';
import { type Answer, Api, uniqueEmail } from '../support/api.ts';
import { startAttackLoad } from '../support/attack-load.ts';
import { type AttackTally, tallyOf } from '../support/attack-tally.ts';
import { expectNothingLost, expectWhole } from '../support/ledger.ts';
import {
  emptyFolder,
  LONG_TESTED,
  SERVERS,
  type ServerName,
  startServer,
} from '../support/server.ts';
import { onLaptop } from '../support/settings.ts';
import { testSettings } from '../support/test-app.ts';

const SETTINGS = {
  SEED_DEMO_USER: 'false',
  SECRET_KEY: 'a secret of this test',
  // A refresh is retried until there is disk space, which may take a while.
  REFRESH_GRACE_SECONDS: '60',
};
const CLIENTS = 4;
const ROUNDS = 3;
const TIME_LIMIT_MS = 180_000;

/**
 * The maximum size of a file that the process writes, in blocks of 512 or 1024 bytes, depending on the shell. Less than
 * the size to which SQLite lets its log grow, so that writing the log fails.
 */
const MOST_BLOCKS = 3000;
const LIMIT = `trap '' XFSZ; ulimit -S -f ${MOST_BLOCKS}; exec "$@"`;

const limited = (name: ServerName) => () => ['/bin/sh', '-c', LIMIT, 'sh', ...SERVERS[name]()];
const LIMITED_SERVERS = { node: limited('node'), bun: limited('bun'), deno: limited('deno') };

/** A server, and functions that fill its disk and free disk space. */
interface Attacked {
  readonly baseUrl: string;
  /** The URL of its database. */
  readonly url: string;
  readonly tally: AttackTally;
  /** Writes that need no disk space. */
  readonly fitting: readonly string[];
  fill(): Promise<void>;
  makeRoom(): Promise<void>;
  /** Returns the URL of a server of the same database whose disk space is no longer limited. */
  endAttack(): Promise<string>;
}

const WITNESS = 'witness@example.com';

/** Creates a user who can make writes of all kinds. Each version of this user's profile contains its number. */
async function startWitness(api: Api) {
  const { bearer, password } = await api.newAccount(WITNESS);
  const refresh_token = (await api.logIn(WITNESS, password)).at('refresh_token');
  const signedUp = [WITNESS];
  let bio = 1;
  const signUp = (email: string) => api.json('POST', '/auth/signup', { email, password });
  const writes: Readonly<Record<string, () => Promise<Answer>>> = {
    async signUp() {
      const email = uniqueEmail();
      const answer = await signUp(email);
      if (answer.status === 201) signedUp.push(email);
      return answer;
    },
    logIn: () => api.logIn(WITNESS, password),
    async put() {
      const answer = await api.json('PUT', '/profile/me', { bio: String(bio) }, bearer);
      if (answer.status === 200) bio += 1;
      return answer;
    },
    refresh: () => api.json('POST', '/auth/refresh', { refresh_token }),
  };
  return { bearer, writes, signedUp };
}

/** Repeats a write until it is rejected: a small write may still fit into the remaining disk space. */
async function refusalOf(write: () => Promise<Answer>, tally: AttackTally): Promise<Answer> {
  for (let tries = 0; tries < 50; tries++) {
    tally.requests += 1;
    const answer = await write();
    if (answer.status >= 400) return answer;
    tally.acknowledged += 1;
  }
  throw new Error('The disk is not full');
}

async function expectFullAndThenWell(attacked: Attacked): Promise<void> {
  const { baseUrl, url, tally, fitting, fill, makeRoom, endAttack } = attacked;
  const api = new Api(baseUrl);
  const { bearer, writes, signedUp } = await startWitness(api);
  const load = startAttackLoad(baseUrl, CLIENTS, tally);
  for (let round = 0; round < ROUNDS; round++) {
    await load.moreWrites(10);
    await fill();
    tally.faults += 1;
    await load.moreFailures(10 * CLIENTS);

    for (const [name, write] of Object.entries(writes)) {
      if (fitting.includes(name)) continue;
      const refused = await refusalOf(write, tally);
      expect([name, refused.status, refused.at('code')]).toEqual([
        name,
        503,
        'database_unavailable',
      ]);
      expect(refused.headers.get('Retry-After')).toMatch(/^\d+$/);
    }
    for (const path of ['/healthz', '/readyz', '/profile/me', '/auth/sessions']) {
      tally.requests += 1;
      expect([path, (await api.get(path, bearer)).status]).toEqual([path, 200]);
    }

    await makeRoom();
    await load.moreWrites(10);
    // The load may have filled the disk again. Without the load, there is space for these writes.
    await load.pause();
    await makeRoom();
    for (const [name, write] of Object.entries(writes)) {
      tally.requests += 1;
      expect([name, (await write()).status < 300]).toEqual([name, true]);
      tally.acknowledged += 1;
    }
    load.resume(baseUrl);
  }
  await load.pause();
  await expectNothingLost(await endAttack(), load.people, tally);
  await expectWhole(url, load.people, signedUp);
}

test.for(LONG_TESTED)(
  '[S38] %s: while the system does not let the file grow, reads succeed and writes return 503',
  { timeout: TIME_LIMIT_MS },
  async (name, context) => {
    const folder = emptyFolder();
    const url = `file:${join(folder, 'x.db')}`;
    const settings = { ...SETTINGS, DATABASE_URL: 'file:./x.db' };
    const server = await startServer(name, folder, settings, LIMITED_SERVERS);
    await expectFullAndThenWell({
      baseUrl: server.baseUrl,
      url,
      tally: tallyOf(context),
      fitting: [],
      // The load itself fills the disk.
      fill: async () => {},
      makeRoom: () => emptyLog(url),
      async endAttack() {
        await server.stop();
        return (await startServer(name, folder, settings)).baseUrl;
      },
    });
    expect(server.output()).toContain('SQLITE_IOERR');
    expect(server.output()).not.toContain('internal_error');
  },
);

/**
 * Moves the content of the log into the database file, from a process without the limit. The log then starts again from
 * its beginning and has space.
 */
async function emptyLog(url: string): Promise<void> {
  const client = createClient({ url, timeout: 5000 });
  onTestFinished(() => client.close());
  for (;;) {
    const { rows } = await client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    if (rows[0]?.[0] === 0) break;
  }
  client.close();
}

test('[S38] while SQLite reports that the disk is full, reads succeed and writes return 503', {
  timeout: TIME_LIMIT_MS,
}, async (context) => {
  const url = `file:${join(emptyFolder(), 'x.db')}`;
  const logs: string[] = [];
  const config = parseConfig({ ...testSettings, ...SETTINGS, DATABASE_URL: url }, onLaptop);
  const database = await openLibsql(config);
  onTestFinished(() => database.close());
  await database.migrate();
  const { db } = database;
  const log = createLogger(config.logLevel, (line) => logs.push(line));
  const deps = await createDeps(config, {
    db,
    log,
    fetch: createOutbound(fetch),
    readAsset: createAssetReader(),
  });
  const server = serve({ hostname: '127.0.0.1', port: 0, fetch: createApp(deps).fetch });
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('It does not listen');

  // Sets a limit for the only connection of the server. SQLite raises a smaller limit to the current size of the file.
  const limitPages = async (most: number) => {
    await db.run(sql.raw(`PRAGMA max_page_count = ${most}`));
  };
  const makeRoom = () => limitPages(0xff_ff_ff);
  const baseUrl = `http://127.0.0.1:${address.port}`;
  await expectFullAndThenWell({
    baseUrl,
    url,
    tally: tallyOf(context),
    // A refresh changes a row in place.
    fitting: ['refresh'],
    fill: () => limitPages(1),
    makeRoom,
    async endAttack() {
      await makeRoom();
      return baseUrl;
    },
  });
  expect(logs.join('\n')).toContain('SQLITE_FULL');
  expect(logs.join('\n')).not.toContain('internal_error');
});
