import { describe, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import { bearerOf, startAttackLoad } from '../support/attack-load.ts';
import { type AttackTally, tallyOf } from '../support/attack-tally.ts';
import { expectNothingLost, expectWhole } from '../support/ledger.ts';
import { emptyFolder, type ServerName, startServer } from '../support/server.ts';
import { startServerDatabase } from '../support/server-database.ts';
import { startTcpProxy, type TcpFaultName } from '../support/tcp-proxy.ts';

const SETTINGS = {
  SEED_DEMO_USER: 'false',
  SECRET_KEY: 'a secret of this test',
  // A refresh whose answer was lost is tried again when the database is back, which may take a while.
  REFRESH_GRACE_SECONDS: '60',
};
const CLIENTS = 6;
/** Some requests to the database, each of 5 seconds at the most, on a machine that is busy. */
const BOUND_MS = 30_000;
const TIME_LIMIT_MS = 300_000;

const startOver = (name: ServerName, url: string) =>
  startServer(name, emptyFolder(), { ...SETTINGS, DATABASE_URL: url });

/** What is done to each. What takes long to be noticed is not done to all. */
const FAULTS: Readonly<Record<ServerName, readonly TcpFaultName[]>> = {
  node: [
    'reset when the server answers',
    'cut in the middle of the answer',
    'reset before the server gets it',
    'silent',
    'slower than is waited for',
  ],
  bun: ['reset when the server answers', 'cut in the middle of the answer', 'silent'],
  deno: ['reset when the server answers', 'cut in the middle of the answer', 'silent'],
};

const OUTAGE = [
  ['/healthz', 200],
  ['/readyz', 503],
  ['/profile/me', 503],
] as const;

/** What the server says of itself and of a session while its database cannot be had. */
async function expectOutage(api: Api, bearer: Record<string, string>, tally: AttackTally) {
  tally.requests += OUTAGE.length;
  const ask = async (path: string) => [path, await api.get(path, bearer)] as const;
  const answers = await Promise.all(OUTAGE.map(([path]) => ask(path)));
  expect(answers.map(([path, { status }]) => [path, status])).toEqual(OUTAGE);
  for (const [, answer] of answers.filter(([, { status }]) => status === 503)) {
    expect(answer.body).toMatchObject({ code: 'database_unavailable' });
    expect(answer.headers.get('Retry-After')).toMatch(/^\d+$/);
  }
}

describe.each<ServerName>(['node', 'bun', 'deno'])('%s, over a libSQL server', (name) => {
  test('[S38] that is killed in mid-load, three times: 503 meanwhile, then it goes on by itself; nothing is lost', {
    timeout: TIME_LIMIT_MS,
  }, async (context) => {
    const tally = tallyOf(context);
    const database = await startServerDatabase();
    const server = await startOver(name, database.url);
    const api = new Api(server.baseUrl);
    const { bearer } = await api.newAccount('witness@example.com');
    const load = startAttackLoad(server.baseUrl, CLIENTS, tally);
    for (let round = 0; round < 3; round++) {
      await load.moreWrites(40);
      await database.kill();
      tally.faults += 1;
      await load.moreFailures(2 * CLIENTS);
      await expectOutage(api, bearer, tally);
      await database.startAgain();
    }
    await load.moreWrites(40);
    expect((await api.get('/readyz')).status).toBe(200);
    await load.pause();
    expect(load.slowest()).toBeLessThan(BOUND_MS);
    await expectNothingLost(server.baseUrl, load.people, tally);
    await expectWhole(database.url, load.people, ['witness@example.com']);
    expect(server.output()).not.toContain('internal_error');
  });

  test('[S38] that is slow, silent, reset and cut off under load: 503 in bounded time, nothing lost, nothing twice', {
    timeout: TIME_LIMIT_MS,
  }, async (context) => {
    const tally = tallyOf(context);
    const database = await startServerDatabase();
    const proxy = await startTcpProxy(database.port);
    const server = await startOver(name, `http://127.0.0.1:${proxy.port}`);
    const load = startAttackLoad(server.baseUrl, CLIENTS, tally);
    await load.moreWrites(40);
    for (const fault of FAULTS[name]) {
      proxy.become(fault);
      await load.moreFailures(CLIENTS);
      const [person] = load.people;
      if (!person) throw new Error('There is no load');
      await expectOutage(new Api(server.baseUrl), bearerOf(person), tally);
      proxy.become('none');
      await load.moreWrites(2 * CLIENTS);
    }
    proxy.become('a little slow');
    await load.moreWrites(CLIENTS);
    await load.pause();
    proxy.become('none');
    tally.faults += proxy.spoiled();
    expect(load.slowest()).toBeLessThan(BOUND_MS);
    await expectNothingLost(server.baseUrl, load.people, tally);
    await expectWhole(database.url, load.people);
    expect(server.output()).not.toContain('internal_error');
  });
});
