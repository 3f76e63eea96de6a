import { expect, type TestContext } from 'vitest';
import { Api } from './api.ts';
import { bearerOf, startAttackLoad } from './attack-load.ts';
import { type AttackTally, tallyOf } from './attack-tally.ts';
import { expectNothingLost, expectWhole } from './ledger.ts';
import { emptyFolder, type ServerName, startServer } from './server.ts';
import { startServerDatabase } from './server-database.ts';
import { startTcpProxy, type TcpFaultName } from './tcp-proxy.ts';

const SETTINGS = {
  SEED_DEMO_USER: 'false',
  SECRET_KEY: 'a secret of this test',
  // A refresh whose response was lost is retried after the outage, which may take longer than the default grace period.
  REFRESH_GRACE_SECONDS: '60',
};
const CLIENTS = 6;
/**
 * Maximum duration of a request. It may consist of several database requests of up to 5 seconds each, on a busy
 * machine.
 */
const BOUND_MS = 30_000;
/** Timeout of a test with many rounds or faults. */
export const TIME_LIMIT_MS = 300_000;

const startOver = (name: ServerName, url: string) =>
  startServer(name, emptyFolder(), { ...SETTINGS, DATABASE_URL: url });

const OUTAGE = [
  ['/healthz', 200],
  ['/readyz', 503],
  ['/profile/me', 503],
] as const;

/** Expects the responses of the health checks and of a read during a database outage. */
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

type Context = Pick<TestContext, 'task'>;

/** Kills the libSQL server that a server uses, repeatedly and under load. */
export async function killDatabase(name: ServerName, rounds: number, context: Context) {
  const tally = tallyOf(context);
  const database = await startServerDatabase();
  const server = await startOver(name, database.url);
  const api = new Api(server.baseUrl);
  const { bearer } = await api.newAccount('witness@example.com');
  const load = startAttackLoad(server.baseUrl, CLIENTS, tally);
  for (let round = 0; round < rounds; round++) {
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
}

/** Disturbs the connection to the libSQL server under load, with one fault after another. */
export async function spoilConnection(
  name: ServerName,
  faults: readonly TcpFaultName[],
  context: Context,
) {
  const tally = tallyOf(context);
  const database = await startServerDatabase();
  const proxy = await startTcpProxy(database.port);
  const server = await startOver(name, `http://127.0.0.1:${proxy.port}`);
  const load = startAttackLoad(server.baseUrl, CLIENTS, tally);
  await load.moreWrites(40);
  for (const fault of faults) {
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
}
