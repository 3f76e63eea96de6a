// Judges the samples of one route, without knowing what was measured.
import { median, ratios, type Spread, spreadOf } from '../../bench/statistics.ts';

/** Allowed deviation of a case from the baseline, in either direction. */
export const TOLERANCE = 0.1;

/**
 * A case and the durations of its tries by round, in milliseconds. Tries with the same index in a round were made
 * in the same turn, close together.
 */
export interface Samples {
  readonly name: string;
  readonly rounds: readonly (readonly number[])[];
}

/** `again` does exactly what `baseline` does: their difference is the noise of the machine. */
export interface RouteSamples {
  readonly baseline: Samples;
  readonly again: Samples;
  readonly others: readonly Samples[];
}

export interface Judgement {
  readonly name: string;
  /** Median of all tries, in milliseconds. */
  readonly median: number;
  /** Ratios to the baseline, one per round. Their median decides. */
  readonly ratio: Spread;
  readonly verdict: 'baseline' | 'passed' | 'failed' | 'too noisy';
}

/**
 * Compares each case with the baseline. The ratio of a round is the median of the ratios of its turns, and the
 * median of the rounds decides. Neither a slow try nor a slow round affects the verdict, and a machine that changes
 * its speed affects both sides of a ratio. If the baseline differs from itself, every verdict is `too noisy`.
 *
 * @throws Error if a case has another number of rounds or tries than the baseline, or a round has no tries
 */
export function judge({ baseline, again, others }: RouteSamples): readonly Judgement[] {
  const measured = [baseline, again, ...others].map(({ name, rounds }) => {
    if (rounds.length !== baseline.rounds.length)
      throw new Error(`${name} has another number of rounds`);
    const byRound = rounds.map((tries, i) => median(ratios(tries, baseline.rounds[i] ?? [])));
    return { name, median: median(rounds.flat()), ratio: spreadOf(byRound) };
  });
  const isNoisy = measured.some(({ name, ratio }) => name === again.name && !isWithin(ratio));
  const verdictOf = (ratio: Spread): Judgement['verdict'] =>
    isNoisy ? 'too noisy' : isWithin(ratio) ? 'passed' : 'failed';
  return measured.map((one) => ({
    ...one,
    verdict: one.name === baseline.name ? 'baseline' : verdictOf(one.ratio),
  }));
}

const isWithin = ({ median }: Spread): boolean =>
  median >= 1 - TOLERANCE && median <= 1 + TOLERANCE;
