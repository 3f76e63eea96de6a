import type { BenchOptions } from './arguments.ts';
import type { Generator } from './load/client.ts';
import type { Outcome } from './outcome.ts';
import type { Pinning } from './pinning.ts';
import type { RoundsPlan } from './rounds.ts';
import type { Server } from './servers/process.ts';

/** The values that are common to all scenarios of a run. */
export interface Conditions {
  readonly options: BenchOptions;
  /** The path of the Node binary that runs the measured servers. */
  readonly node: string;
  readonly pinning: Pinning;
}

/** The environment of a scenario. */
export interface Context extends Conditions {
  readonly generator: Generator;
  /** An empty folder for this scenario only. It is deleted afterwards. */
  readonly folder: string;
  /**
   * Shows the progress.
   *
   * @param share the completed share, 0 to 1
   */
  readonly onStep: (share: number, what: string) => void;
  /** Registers a server, which is stopped when the scenario ends, even with an error. */
  started(server: Promise<Server>): Promise<Server>;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Whether the load generator may run on any core, like the server, instead of being pinned to one. */
  readonly sharesCores?: boolean;
  /** The approximate duration in seconds, for the progress bar. */
  weight(options: BenchOptions): number;
  run(context: Context): Promise<Outcome>;
}

/** A number of connections that is common in such benchmarks. */
export const CONNECTIONS = 32;

/** The durations of a measurement and of a warm-up. */
export const durations = ({
  isQuick,
}: BenchOptions): Pick<RoundsPlan, 'seconds' | 'warmUpSeconds' | 'maxWarmUps'> =>
  isQuick
    ? { seconds: 0.5, warmUpSeconds: 1, maxWarmUps: 1 }
    : { seconds: 3, warmUpSeconds: 6, maxWarmUps: 5 };

/** The weight of a comparison with this many contenders. */
export function weightOf(options: BenchOptions, contenders: number): number {
  const { seconds, warmUpSeconds } = durations(options);
  return 2 + contenders * (warmUpSeconds + options.rounds * seconds);
}
