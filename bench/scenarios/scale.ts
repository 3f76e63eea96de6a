import { join } from 'node:path';
import { PASSWORD } from '../accounts.ts';
import { cachedDatabase } from '../data/cache.ts';
import { emailOf, SESSIONS_EACH, sampleSessions, seedDatabase } from '../data/seed.ts';
import { accessTokensOf } from '../data/tokens.ts';
import type { JobResult } from '../load/job.ts';
import { logIn, readProfile } from '../load/requests.ts';
import { atMost, figure, type Measured, row } from '../outcome.ts';
import { type Contender, inTurns } from '../rounds.ts';
import { CONNECTIONS, type Context, durations, type Scenario } from '../scenario.ts';
import { startLatchkey } from '../servers/latchkey.ts';
import { ratios } from '../statistics.ts';

export const FEW_USERS = 1000;
/** The number of sessions that the requests use, spread over the whole file. */
const SAMPLE = FEW_USERS * SESSIONS_EACH;
/** Logins are measured for twice as long as reads, because a login is much slower. */
const LOGIN_FACTOR = 2;
/** The duration of the warm-up with one client. It follows a warm-up of the server with 32 connections. */
const WARM_UP_SECONDS = 0.5;

/** Measures reads and logins with one client, so that the latency contains no queueing. */
async function contendersOf(
  context: Context,
  name: string,
  databasePath: string,
): Promise<Contender<JobResult>[]> {
  const { node, folder, generator, options, pinning } = context;
  const sessions = sampleSessions(databasePath, SAMPLE);
  const reads = (await accessTokensOf(sessions)).map(readProfile);
  const logins = sessions.map(({ userId }) => logIn(emailOf(userId), PASSWORD));
  const server = await context.started(
    startLatchkey({ node, folder, databasePath, core: pinning.server, label: name }),
  );
  const run = async (what: string, requests: readonly string[], seconds: number, clients = 1) => {
    const job = { port: server.port, seconds, connections: clients, requests };
    const result = await generator.run({ name: `${what}, ${name}`, ...job });
    server.assertAlive();
    server.emptyLog();
    return result;
  };
  // Includes the write of each session's last use, which the server performs at most once a minute.
  await run('warm-up', reads, durations(options).warmUpSeconds * 1.5, CONNECTIONS);
  return [
    { name: `read, ${name}`, measure: (seconds) => run('read', reads, seconds) },
    {
      name: `login, ${name}`,
      measure: (seconds) => run('login', logins, LOGIN_FACTOR * seconds),
    },
  ];
}

async function run(context: Context): Promise<Measured> {
  const { folder, onStep, options } = context;
  const large = await cachedDatabase(options, (share, what) => onStep(share / 2, what));
  const smallPath = join(folder, 'few.db');
  await seedDatabase(smallPath, FEW_USERS, () => {});
  const many = `${large.users.toLocaleString('en')} users`;
  const few = `${FEW_USERS.toLocaleString('en')} users`;
  const [readMany, logInMany] = await contendersOf(context, many, large.path);
  const [readFew, logInFew] = await contendersOf(context, few, smallPath);
  const contenders = [readMany, readFew, logInMany, logInFew].filter((one) => one !== undefined);
  const all = await inTurns(contenders, {
    ...durations(options),
    warmUpSeconds: WARM_UP_SECONDS,
    rounds: options.rounds,
    onStep: (share, what) => onStep(0.5 + share / 2, what),
  });
  const [p50s, p99s] = [all.map(pick('p50')), all.map(pick('p99'))];
  const [readsMany = [], readsFew = [], loginsMany = [], loginsFew = []] = p50s;
  return {
    rows: [
      row(
        atMost(1.3),
        figure(`read p50, ${many}, of ${few}`, 'times', ratios(readsMany, readsFew)),
      ),
      row(
        atMost(1.3),
        figure(`login p50, ${many}, of ${few}`, 'times', ratios(loginsMany, loginsFew)),
      ),
    ],
    figures: contenders.flatMap(({ name }, i) => [
      figure(`${name}: p50`, 'ms', p50s[i] ?? []),
      figure(`${name}: p99`, 'ms', p99s[i] ?? []),
    ]),
    notes: [
      `${SESSIONS_EACH} sessions a user; one client at a time, over ${SAMPLE.toLocaleString('en')} sessions from all over the file.`,
    ],
  };
}

const pick =
  (name: 'p50' | 'p99') =>
  (results: readonly JobResult[]): number[] =>
    results.map((result) => result[name]);

export const scale: Scenario = {
  name: 'scale',
  title: 'Reads and logins with a million users and five million sessions against a thousand',
  weight(options) {
    const { seconds, warmUpSeconds } = durations(options);
    const measurements = 2 * (1 + LOGIN_FACTOR) * (WARM_UP_SECONDS + options.rounds * seconds);
    return (options.isQuick ? 6 : 60) + 3 * warmUpSeconds + measurements;
  },
  run,
};
