import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createAccounts, PASSWORD } from '../accounts.ts';
import type { BenchOptions } from '../arguments.ts';
import {
  emailOf,
  SESSIONS_EACH,
  type SeededSession,
  sampleSessions,
  seedDatabase,
} from '../data/seed.ts';
import { accessTokensOf } from '../data/tokens.ts';
import type { Job } from '../load/job.ts';
import { logIn, readProfileFrom, refresh, updateProfileFrom } from '../load/requests.ts';
import { atMost, figure, type Measured, row } from '../outcome.ts';
import type { Context, Scenario } from '../scenario.ts';
import { startLatchkey } from '../servers/latchkey.ts';
import { laterThirds, median } from '../statistics.ts';

/** More sessions and addresses than the server's caches can hold, so that the caches are full. */
const USERS = 5000;
const SESSIONS = USERS * SESSIONS_EACH;
const REFRESHING = 16;
const SAMPLE_MS = 1000;
/** The number of samples after which the log is emptied. In a long run, the log would fill the disk. */
const EMPTY_LOG_EVERY = 20;
const MEGABYTE_KIB = 1e6 / 1024;

const secondsOf = ({ isQuick }: BenchOptions): number => (isQuick ? 6 : 600);

/** Returns a distinct address of 10.0.0.0/8 for each index. */
const addressOf = (i: number): string => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;

/** A realistic mix of requests, at steady rates below the server's capacity. */
async function mixedLoad(
  port: number,
  sessions: readonly SeededSession[],
): Promise<Omit<Job, 'seconds'>[]> {
  const tokens = await accessTokensOf(sessions);
  const [account] = await createAccounts(port, 1, REFRESHING);
  return [
    {
      ...{ name: 'reads', port, connections: 8, perSecond: 500 },
      requests: tokens.map((token, i) => readProfileFrom(addressOf(i), token)),
    },
    {
      ...{ name: 'updates', port, connections: 2, perSecond: 50 },
      requests: tokens.map((token, i) =>
        updateProfileFrom(addressOf(i), token, `Wrote the first program, no. ${i}.`),
      ),
    },
    {
      ...{ name: 'refreshes', port, connections: REFRESHING, perSecond: 50 },
      requests: [refresh()],
      refreshTokens: account?.logins.map(({ refreshToken }) => refreshToken) ?? [],
    },
    {
      ...{ name: 'logins', port, connections: 2, perSecond: 2 },
      requests: sessions.map(({ userId }) => logIn(emailOf(userId), PASSWORD)),
    },
  ];
}

/** Returns the resident memory of a process in megabytes of 10^6 bytes. `ps` reports it in KiB. */
function residentMemory(pid: number): number {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  const kibibytes = Number(stdout.trim());
  if (!(kibibytes > 0)) throw new Error(`ps does not know the memory of process ${pid}`);
  return kibibytes / MEGABYTE_KIB;
}

async function run(context: Context): Promise<Measured> {
  const { node, folder, generator, onStep, options } = context;
  const databasePath = join(folder, 'memory.db');
  await seedDatabase(databasePath, USERS, () => {});
  const settings = { TRUSTED_PROXY_HOPS: '1' };
  const server = await context.started(
    startLatchkey({ node, folder, databasePath, settings, core: undefined }),
  );
  const seconds = secondsOf(options);
  const jobs = await mixedLoad(server.port, sampleSessions(databasePath, SESSIONS));
  const samples: number[] = [];
  let isRunning = true;
  const load = Promise.all(jobs.map((job) => generator.run({ ...job, seconds }))).finally(() => {
    isRunning = false;
  });
  const sampling = (async () => {
    while (isRunning) {
      samples.push(residentMemory(server.pid));
      onStep(samples.length / seconds, `${Math.min(samples.length, seconds)} s of ${seconds} s`);
      if (samples.length % EMPTY_LOG_EVERY === 0) server.emptyLog();
      await delay(SAMPLE_MS);
    }
  })();
  await Promise.all([load, sampling]);
  const { second, last } = laterThirds(samples);
  const growth = figure('memory, last third of second third', 'times', [
    median(last) / median(second),
  ]);
  const most = row(atMost(200), figure('memory at most', 'MB', samples, Math.max(...samples)));
  return {
    // A quick run cannot show whether memory grows permanently, because the memory of every server grows in its first
    // seconds.
    rows: options.isQuick ? [most] : [row(atMost(1.1), growth), most],
    figures: [...(options.isQuick ? [growth] : []), figure('memory', 'MB', samples)],
    notes: [
      `${seconds} s of 500 reads, 50 updates, 50 refreshes and 2 logins a second, by ${SESSIONS.toLocaleString('en')} sessions from as many addresses; resident set, once a second, medians of the thirds${options.isQuick ? '. Ten minutes in a full run' : ''}.`,
    ],
  };
}

export const memory: Scenario = {
  sharesCores: true,
  name: 'memory',
  title: 'Memory of the server after ten minutes of mixed load',
  weight: (options) => 3 + secondsOf(options),
  run,
};
