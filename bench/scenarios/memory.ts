import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { makeAccounts, PASSWORD } from '../accounts.ts';
import type { BenchOptions } from '../arguments.ts';
import type { Job } from '../load/job.ts';
import { logIn, readProfile, refresh, updateProfile } from '../load/requests.ts';
import { atMost, figure, type Measured, row } from '../outcome.ts';
import type { Context, Scenario } from '../scenario.ts';
import { startLatchkey } from '../servers/latchkey.ts';
import { laterThirds, median } from '../statistics.ts';

const USERS = 4;
const SESSIONS = 4;
const SAMPLE_MS = 1000;
/** The log of an hour would fill a disk. */
const EMPTY_LOG_EVERY = 20;
const MEGABYTE_KIB = 1e6 / 1024;

const secondsOf = ({ isQuick }: BenchOptions): number => (isQuick ? 6 : 600);

/** What a server in use gets, at steady rates that leave it time. */
async function mixedLoad(port: number): Promise<Omit<Job, 'seconds'>[]> {
  const accounts = await makeAccounts(port, USERS, SESSIONS);
  const logins = accounts.flatMap((account) => account.logins);
  const tokens = logins.map(({ accessToken }) => accessToken);
  // Somebody else than those who refresh: a user has 50 sessions, and the oldest go.
  const [other] = await makeAccounts(port, 1, 0, 'grace.hopper');
  return [
    { name: 'reads', port, connections: 8, perSecond: 500, requests: tokens.map(readProfile) },
    {
      ...{ name: 'updates', port, connections: 2, perSecond: 50 },
      requests: tokens.map((token, i) =>
        updateProfile(token, `Wrote the first program, no. ${i}.`),
      ),
    },
    {
      ...{ name: 'refreshes', port, connections: logins.length, perSecond: 50 },
      requests: [refresh()],
      refreshTokens: logins.map(({ refreshToken }) => refreshToken),
    },
    {
      ...{ name: 'logins', port, connections: 2, perSecond: 2 },
      requests: [logIn(other?.email ?? '', PASSWORD)],
    },
  ];
}

/** Resident memory of a process, in megabytes of 10^6 bytes. `ps` says it in KiB. */
function residentMemory(pid: number): number {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  const kibibytes = Number(stdout.trim());
  if (!(kibibytes > 0)) throw new Error(`ps does not know the memory of process ${pid}`);
  return kibibytes / MEGABYTE_KIB;
}

async function run(context: Context): Promise<Measured> {
  const { folder, generator, onStep, options } = context;
  const server = await context.started(startLatchkey({ folder, core: undefined }));
  const seconds = secondsOf(options);
  const jobs = await mixedLoad(server.port);
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
  return {
    rows: [
      row(atMost(1.1), growth),
      row(atMost(200), figure('memory at most', 'MB', samples, Math.max(...samples))),
    ],
    figures: [figure('memory', 'MB', samples)],
    notes: [
      `${seconds} s of 500 reads, 50 updates, 50 refreshes and 2 logins a second; resident set, once a second, medians of the thirds${options.isQuick ? '. Ten minutes in a full run' : ''}.`,
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
