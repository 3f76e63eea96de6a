import type { BenchOptions } from './arguments.ts';
import type { Generator } from './load/client.ts';
import type { Outcome } from './outcome.ts';
import type { Pinning } from './pinning.ts';
import type { RoundsPlan } from './rounds.ts';
import type { Server } from './servers/process.ts';

/** What a scenario is given. */
export interface Context {
  readonly options: BenchOptions;
  readonly pinning: Pinning;
  readonly generator: Generator;
  /** Empty, of this scenario alone, and gone after it. */
  readonly folder: string;
  /** Shows how far it has come. @param share 0 to 1 */
  readonly onStep: (share: number, what: string) => void;
  /** Has a server ended when the scenario is, whichever way it ends. */
  started(server: Promise<Server>): Promise<Server>;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Whether the load generator takes whatever core there is, as the server does, and not one of its own. */
  readonly sharesCores?: boolean;
  /** About how many seconds it takes, for the progress bar. */
  weight(options: BenchOptions): number;
  run(context: Context): Promise<Outcome>;
}

/** As many connections as the field uses for such figures. */
export const CONNECTIONS = 32;

/** Of one measurement, and of a warm-up. */
export const durations = ({
  isQuick,
}: BenchOptions): Pick<RoundsPlan, 'seconds' | 'warmUpSeconds' | 'maxWarmUps'> =>
  isQuick
    ? { seconds: 0.5, warmUpSeconds: 1, maxWarmUps: 1 }
    : { seconds: 3, warmUpSeconds: 6, maxWarmUps: 5 };

/** Of a comparison of that many contenders. */
export function weightOf(options: BenchOptions, contenders: number): number {
  const { seconds, warmUpSeconds } = durations(options);
  return 2 + contenders * (warmUpSeconds + options.rounds * seconds);
}
