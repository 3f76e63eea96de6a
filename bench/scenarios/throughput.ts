import type { Job, JobResult } from '../load/job.ts';
import { type Figure, figure } from '../outcome.ts';
import { inTurns } from '../rounds.ts';
import { CONNECTIONS, type Context, durations } from '../scenario.ts';
import type { Server } from '../servers/process.ts';
import { ratios } from '../statistics.ts';

/** A server to measure at full load. */
export interface Rival {
  readonly name: string;
  readonly server: Server;
  readonly requests: readonly string[];
  /** One refresh token per connection, if each connection refreshes its own session. */
  readonly refreshTokens?: readonly string[];
}

export interface Throughput {
  /** Responses a second, per round. */
  readonly perSecond: readonly number[];
  /** Processor time per response in microseconds, per round. Empty if the system does not report it. */
  readonly cpuMicroseconds: readonly number[];
  readonly figures: readonly Figure[];
  readonly note: string;
}

/** After this many responses, the JIT has compiled the hot code. Slower servers take longer to reach the number. */
const WARM_UP_ANSWERS = 40_000;
/** If the generator uses more than this share of its core, it may be the bottleneck. */
const BUSY = 0.8;

/** The result of one measurement, with the server's processor time per response. */
interface Load {
  readonly result: JobResult;
  readonly cpuMicroseconds: number | undefined;
}

/** Measures all rivals alternately at full load. Returns one result per rival, in their order. */
export async function compareThroughput(
  { generator, options, onStep }: Context,
  rivals: readonly Rival[],
): Promise<Throughput[]> {
  const contenders = rivals.map(({ name, server, requests, refreshTokens: first }) => {
    let refreshTokens = first;
    return {
      name,
      async measure(seconds: number): Promise<Load> {
        const job: Job = {
          name,
          port: server.port,
          seconds,
          connections: CONNECTIONS,
          requests,
          isAwake: true,
        };
        const before = server.cpuSeconds();
        const result = await generator.run(refreshTokens ? { ...job, refreshTokens } : job);
        const after = server.cpuSeconds();
        refreshTokens = result.refreshTokens;
        server.assertAlive();
        server.emptyLog();
        const isKnown = before !== undefined && after !== undefined;
        const cpuMicroseconds = isKnown ? ((after - before) * 1e6) / result.answers : undefined;
        return { result, cpuMicroseconds };
      },
      isWarm: (warmUps: readonly Load[]) =>
        warmUps.reduce((sum, { result }) => sum + result.answers, 0) >= WARM_UP_ANSWERS,
    };
  });
  const plan = { ...durations(options), rounds: options.rounds, onStep };
  const all = await inTurns(contenders, plan);
  return rivals.map(({ name }, i) => throughputOf(name, all[i] ?? []));
}

function throughputOf(name: string, loads: readonly Load[]): Throughput {
  const pick = (choose: (result: JobResult) => number) => loads.map(({ result }) => choose(result));
  const perSecond = pick((result) => result.perSecond);
  const cpuMicroseconds = loads.flatMap((load) => load.cpuMicroseconds ?? []);
  const busy = Math.max(...pick((result) => result.busy));
  const speeds = [
    figure(name, 'per second', perSecond),
    figure(
      `${name}: p50`,
      'ms',
      pick((result) => result.p50),
    ),
    figure(
      `${name}: p99`,
      'ms',
      pick((result) => result.p99),
    ),
  ];
  const cpu =
    cpuMicroseconds.length > 0
      ? [figure(`${name}: processor time an answer`, 'µs', cpuMicroseconds)]
      : [];
  return {
    perSecond,
    cpuMicroseconds,
    figures: [...speeds, ...cpu],
    note: `${name}: the load generator used ${(busy * 100).toFixed(0)}% of a core${busy > BUSY ? '; the server might give more' : ''}.`,
  };
}

/** Returns the share of the processor time per response that the bare framework needs as well. */
export function byProcessorTime(own: Throughput | undefined, bare: Throughput | undefined) {
  const [costs, floors] = [own?.cpuMicroseconds ?? [], bare?.cpuMicroseconds ?? []];
  if (costs.length === 0) return [];
  return [figure('the same, by processor time', 'share', ratios(floors, costs))];
}

export const figuresOf = (all: readonly Throughput[]): Figure[] =>
  all.flatMap((one) => one.figures);
export const notesOf = (all: readonly Throughput[]): string[] => all.map(({ note }) => note);
