import type { Job, JobResult } from '../load/job.ts';
import { type Figure, figure } from '../outcome.ts';
import { inTurns } from '../rounds.ts';
import { CONNECTIONS, type Context, durations } from '../scenario.ts';
import type { Server } from '../servers/process.ts';

/** A server under as much load as it can answer. */
export interface Rival {
  readonly name: string;
  readonly server: Server;
  readonly requests: readonly string[];
  /** One a connection, where each refreshes its own session. */
  readonly refreshTokens?: readonly string[];
}

export interface Throughput {
  /** Answers a second, one a round. */
  readonly perSecond: readonly number[];
  readonly figures: readonly Figure[];
  readonly note: string;
}

/** By then the engines have compiled what they will compile: slower servers need longer for it. */
const WARM_UP_ANSWERS = 40_000;
/** Above this share of its core requests begin to wait for the generator. */
const BUSY = 0.8;

/** Asks all rivals in turns for as much as they can give. One result a rival, in their order. */
export async function compareThroughput(
  { generator, options, onStep }: Context,
  rivals: readonly Rival[],
): Promise<Throughput[]> {
  const contenders = rivals.map(({ name, server, requests, refreshTokens: first }) => {
    let refreshTokens = first;
    return {
      name,
      async measure(seconds: number): Promise<JobResult> {
        const job: Job = {
          name,
          port: server.port,
          seconds,
          connections: CONNECTIONS,
          requests,
          isAwake: true,
        };
        const result = await generator.run(refreshTokens ? { ...job, refreshTokens } : job);
        refreshTokens = result.refreshTokens;
        server.assertAlive();
        server.emptyLog();
        return result;
      },
      isWarm: (warmUps: readonly JobResult[]) =>
        warmUps.reduce((sum, { answers }) => sum + answers, 0) >= WARM_UP_ANSWERS,
    };
  });
  const plan = { ...durations(options), rounds: options.rounds, onStep };
  const all = await inTurns(contenders, plan);
  return rivals.map(({ name }, i) => throughputOf(name, all[i] ?? []));
}

function throughputOf(name: string, results: readonly JobResult[]): Throughput {
  const perSecond = results.map((result) => result.perSecond);
  const busy = results.map((result) => result.busy);
  const share = `${(Math.max(...busy) * 100).toFixed(0)}%`;
  const isFloor = Math.max(...busy) > BUSY;
  return {
    perSecond,
    figures: [
      figure(name, 'per second', perSecond),
      figure(
        `${name}: p50`,
        'ms',
        results.map((result) => result.p50),
      ),
      figure(
        `${name}: p99`,
        'ms',
        results.map((result) => result.p99),
      ),
    ],
    note: `${name}: the load generator used ${share} of a core${isFloor ? '; the server might give more' : ''}.`,
  };
}

export const figuresOf = (all: readonly Throughput[]): Figure[] =>
  all.flatMap((one) => one.figures);
export const notesOf = (all: readonly Throughput[]): string[] => all.map(({ note }) => note);
