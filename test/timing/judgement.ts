// What the samples of one route come to. Nothing here knows what was measured.
import { median, ratios, type Spread, spreadOf } from '../../bench/statistics.ts';

/** How far a case may lie from the baseline: a tenth, to either side. */
export const TOLERANCE = 0.1;

/**
 * A case and how long each of its tries took, in milliseconds, round by round. Tries of the same place in a
 * round were made in the same turn, close together.
 */
export interface Samples {
  readonly name: string;
  readonly rounds: readonly (readonly number[])[];
}

/** `again` is a case that does exactly what `baseline` does: it shows what the machine adds by itself. */
export interface RouteSamples {
  readonly baseline: Samples;
  readonly again: Samples;
  readonly others: readonly Samples[];
}

export interface Judgement {
  readonly name: string;
  /** Of all tries, in milliseconds. */
  readonly median: number;
  /** To the baseline, by rounds; its median is what counts. */
  readonly ratio: Spread;
  readonly verdict: 'baseline' | 'passed' | 'failed' | 'too noisy';
}

/**
 * Holds each case against the baseline: of each turn the ratio, of each round the median of those, and of
 * the rounds again the median. So neither a slow try nor a slow round decides, and a machine that changes
 * its speed does so for both sides of a ratio. Where the baseline cannot be told from itself there is no
 * verdict on any case but `too noisy`.
 *
 * @throws Error where a case has other rounds or tries than the baseline, or a round no tries
 */
export function judge({ baseline, again, others }: RouteSamples): readonly Judgement[] {
  const measured = [baseline, again, ...others].map(({ name, rounds }) => {
    if (rounds.length !== baseline.rounds.length) throw new Error(`${name} has other rounds`);
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
