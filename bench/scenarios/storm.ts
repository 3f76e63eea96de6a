import { createAccounts, PASSWORD } from '../accounts.ts';
import type { BenchOptions } from '../arguments.ts';
import type { JobResult } from '../load/job.ts';
import { logIn, readProfile } from '../load/requests.ts';
import { atLeast, atMost, figure, type Measured, row } from '../outcome.ts';
import { type RawRate, startRawRate } from '../raw-rate.ts';
import type { Context, Scenario } from '../scenario.ts';
import { startLatchkey } from '../servers/latchkey.ts';
import type { Server } from '../servers/process.ts';
import { ratios } from '../statistics.ts';

/** The number of logins in flight. Each is of a different user. */
const IN_FLIGHT = 16;
/** The steady rate of reads, which is the same without and with logins. */
const READS = { connections: 4, perSecond: 200 };

const secondsOf = ({ isQuick }: BenchOptions): number => (isQuick ? 1 : 6);

/** One round measures, in immediate succession: reads alone, reads during logins, and the bare derivation. */
interface Round {
  readonly idle: JobResult;
  readonly reads: JobResult;
  readonly logins: JobResult;
  readonly raw: number;
}

interface Storm {
  readonly server: Server;
  readonly readRequests: readonly string[];
  readonly loginRequests: readonly string[];
  readonly raw: RawRate;
}

async function round(
  { generator }: Context,
  { server, readRequests, loginRequests, raw }: Storm,
  seconds: number,
): Promise<Round> {
  const { port } = server;
  const readJob = { name: 'reads', port, seconds, requests: readRequests, ...READS };
  const idle = await generator.run(readJob);
  const [reads, logins] = await Promise.all([
    generator.run({ ...readJob, name: 'reads in the storm' }),
    generator.run({
      name: 'logins',
      port,
      seconds,
      connections: IN_FLIGHT,
      requests: loginRequests,
    }),
  ]);
  const rate = await raw.measure(seconds, IN_FLIGHT);
  server.assertAlive();
  return { idle, reads, logins, raw: rate };
}

function measured(rounds: readonly Round[]): Measured {
  const pick = (choose: (one: Round) => number) => rounds.map(choose);
  const idleP99 = pick(({ idle }) => idle.p99);
  const stormP99 = pick(({ reads }) => reads.p99);
  const max = pick(({ reads }) => reads.max);
  const logins = pick(({ logins }) => logins.perSecond);
  const raw = pick((one) => one.raw);
  return {
    rows: [
      row(atMost(2), figure('storm: p99 of reads, of idle', 'times', ratios(stormP99, idleP99))),
      row(atMost(50), figure('storm: slowest read', 'ms', max, Math.max(...max))),
      row(atLeast(0.85), figure('storm: logins, of bare PBKDF2', 'share', ratios(logins, raw))),
    ],
    figures: [
      figure('logins', 'per second', logins),
      figure('bare PBKDF2', 'per second', raw),
      figure(
        'reads, idle: p50',
        'ms',
        pick(({ idle }) => idle.p50),
      ),
      figure('reads, idle: p99', 'ms', idleP99),
      figure(
        'reads, idle: slowest',
        'ms',
        pick(({ idle }) => idle.max),
      ),
      figure(
        'reads, in the storm: p50',
        'ms',
        pick(({ reads }) => reads.p50),
      ),
      figure('reads, in the storm: p99', 'ms', stormP99),
      figure(
        'one login: p50',
        'ms',
        pick((one) => one.logins.p50),
      ),
    ],
    notes: [
      `${READS.perSecond} reads a second on ${READS.connections} connections throughout; ${IN_FLIGHT} logins in flight in the storm, and as many bare derivations.`,
      'All processes on all cores: hashing wants them, and the reads have to live with it.',
    ],
  };
}

export const storm: Scenario = {
  name: 'storm',
  sharesCores: true,
  title: 'Reads while 16 clients log in, and logins against bare PBKDF2',
  weight: (options) => 4 + (options.rounds + 0.5) * 3 * secondsOf(options),
  async run(context) {
    const { node, folder, options, onStep } = context;
    const server = await context.started(startLatchkey({ node, folder, core: undefined }));
    const accounts = await createAccounts(server.port, IN_FLIGHT, 0);
    // Users other than those who log in: a user has at most 50 sessions, and a further login ends the oldest one.
    const readers = await createAccounts(server.port, READS.connections, 1, 'grace.hopper');
    const tokens = readers.flatMap(({ logins }) => logins.map(({ accessToken }) => accessToken));
    const raw = await startRawRate(node);
    const all: Storm = {
      server,
      readRequests: tokens.map(readProfile),
      loginRequests: accounts.map(({ email }) => logIn(email, PASSWORD)),
      raw,
    };
    try {
      const seconds = secondsOf(options);
      onStep(0, 'warm-up');
      await round(context, all, seconds / 2);
      const rounds: Round[] = [];
      for (let i = 1; i <= options.rounds; i++) {
        onStep(i / (options.rounds + 1), `round ${i} of ${options.rounds}`);
        rounds.push(await round(context, all, seconds));
      }
      return measured(rounds);
    } finally {
      raw.stop();
    }
  },
};
