// What is made of many samples. Nothing here knows what is measured.

/** How far the samples of several rounds lie apart. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The middle value; between the two middle ones of an even count. @throws Error where there are none */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  const lower = sorted.length % 2 === 0 ? sorted[middle - 1] : upper;
  if (upper === undefined || lower === undefined) throw new Error('a median of no values');
  return (lower + upper) / 2;
}

/**
 * The nearest-rank percentile: the smallest value that so large a share of all is no greater than.
 *
 * @param share above 0, at most 1
 * @throws Error where there are no values
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error('a percentile of no values');
  return value;
}

/** @throws Error where there are no values */
export const spreadOf = (values: readonly number[]): Spread => ({
  min: Math.min(...values),
  median: median(values),
  max: Math.max(...values),
});

/**
 * One ratio a round: both sides of it were measured one right after the other, so that what the machine
 * was busy with in that round weighs on both.
 *
 * @throws Error where one side has other rounds than the other
 */
export function ratios(tops: readonly number[], bottoms: readonly number[]): number[] {
  if (tops.length !== bottoms.length) throw new Error('a ratio of rounds that are no pairs');
  return tops.map((top, i) => top / (bottoms[i] ?? Number.NaN));
}

/** The values of the second and of the last third, in the order in which they came. */
export function laterThirds(values: readonly number[]): {
  readonly second: number[];
  readonly last: number[];
} {
  const third = Math.floor(values.length / 3);
  if (third === 0) throw new Error('thirds of fewer than three values');
  return { second: values.slice(-2 * third, -third), last: values.slice(-third) };
}
