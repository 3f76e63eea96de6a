// Statistics of samples, independent of the measured quantity.

/** The range of the samples of several rounds. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/**
 * Returns the median. If the number of values is even, this is the mean of the two middle values.
 *
 * @throws Error if there are no values
 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  const lower = sorted.length % 2 === 0 ? sorted[middle - 1] : upper;
  if (upper === undefined || lower === undefined) throw new Error('a median of no values');
  return (lower + upper) / 2;
}

/**
 * Returns the nearest-rank percentile: the smallest value that is at least as large as this share of all values.
 *
 * @param share above 0, at most 1
 * @throws Error if there are no values
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error('a percentile of no values');
  return value;
}

/** @throws Error if there are no values */
export const spreadOf = (values: readonly number[]): Spread => ({
  min: Math.min(...values),
  median: median(values),
  max: Math.max(...values),
});

/**
 * Returns one ratio per round. Both sides of a round are measured in succession, so that other load on the machine
 * affects both.
 *
 * @throws Error if the two sides differ in the number of rounds
 */
export function ratios(tops: readonly number[], bottoms: readonly number[]): number[] {
  if (tops.length !== bottoms.length) throw new Error('a ratio of rounds that are no pairs');
  return tops.map((top, i) => top / (bottoms[i] ?? Number.NaN));
}

/** Returns the values of the second third and of the last third, in their original order. */
export function laterThirds(values: readonly number[]): {
  readonly second: number[];
  readonly last: number[];
} {
  const third = Math.floor(values.length / 3);
  if (third === 0) throw new Error('thirds of fewer than three values');
  return { second: values.slice(-2 * third, -third), last: values.slice(-third) };
}
