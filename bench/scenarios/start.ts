import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cachedDatabase } from '../data/cache.ts';
import { seedDatabase } from '../data/seed.ts';
import { atMost, figure, type Measured, row } from '../outcome.ts';
import { inTurns } from '../rounds.ts';
import type { Context, Scenario } from '../scenario.ts';
import { latchkeyCommand } from '../servers/latchkey.ts';
import { startServer } from '../servers/process.ts';
import { ratios } from '../statistics.ts';
import { FEW_USERS } from './scale.ts';

const POLL_MS = 2;
const LIMIT_MS = 60_000;

/** Returns the time from the start of the process to the first response that needs the database, in milliseconds. */
async function timeToAnswer(context: Context, databasePath: string): Promise<number> {
  const { node, folder } = context;
  const port = await freePort();
  const startedAt = performance.now();
  const server = await context.started(
    startServer(
      latchkeyCommand({
        ...{ node, folder, databasePath, core: undefined, label: 'start' },
        settings: { PORT: String(port) },
      }),
    ),
  );
  try {
    while (!(await answers(port))) {
      server.assertAlive();
      if (performance.now() - startedAt > LIMIT_MS) throw new Error('the server does not answer');
      await delay(POLL_MS);
    }
    return performance.now() - startedAt;
  } finally {
    await server.stop();
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address && typeof address === 'object') resolve(address.port);
        else reject(new Error('no free port'));
      });
    });
  });
}

async function run(context: Context): Promise<Measured> {
  const { folder, onStep, options } = context;
  const large = await cachedDatabase(options, (share, what) => onStep(share / 2, what));
  const fewPath = join(folder, 'few.db');
  await seedDatabase(fewPath, FEW_USERS, () => {});
  const many = `${large.users.toLocaleString('en')} users`;
  const contenders = [
    { name: 'a thousand users', measure: () => timeToAnswer(context, fewPath) },
    { name: many, measure: () => timeToAnswer(context, large.path) },
  ];
  // The duration of a start cannot be configured. The first start of each server, with a cold disk cache, is the
  // warm-up.
  const plan = { rounds: options.rounds, seconds: 0, warmUpSeconds: 0, maxWarmUps: 1 };
  const [few = [], big = []] = await inTurns(contenders, {
    ...plan,
    onStep: (share, what) => onStep(0.5 + share / 2, what),
  });
  return {
    rows: [
      row(atMost(700), figure('start to first answer', 'ms', few)),
      row(atMost(1.5), figure(`start, ${many}, of a thousand`, 'times', ratios(big, few))),
    ],
    figures: [figure(`start, ${many}`, 'ms', big)],
    notes: ['From the start of the process to a 200 of GET /readyz, which asks the database.'],
  };
}

export const start: Scenario = {
  name: 'start',
  title: 'Start of the built server to its first answer, with few users and a million',
  weight: ({ rounds }) => 1 + 2 * (rounds + 1) * 0.7,
  run,
};
