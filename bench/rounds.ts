/** One side of a comparison. */
export interface Contender<Result> {
  readonly name: string;
  /** Measures once, for the given number of seconds. */
  measure(seconds: number): Promise<Result>;
  /** Returns whether the warm-ups so far were enough. Default: one is enough. */
  isWarm?(warmUps: readonly Result[]): boolean;
}

export interface RoundsPlan {
  readonly rounds: number;
  /** The duration of a measurement. */
  readonly seconds: number;
  /** The duration of a warm-up, which runs before the first round and is not counted. */
  readonly warmUpSeconds: number;
  /** The maximum number of warm-ups per contender. */
  readonly maxWarmUps: number;
  /**
   * Called before each measurement.
   *
   * @param share the completed share of all measurements, 0 to 1
   */
  readonly onStep: (share: number, what: string) => void;
}

/**
 * Measures the contenders alternately, A B A B, so that other load on the machine affects all of them equally. Returns
 * the results of each contender in the order of the rounds.
 */
export async function inTurns<Result>(
  contenders: readonly Contender<Result>[],
  { rounds, seconds, warmUpSeconds, maxWarmUps, onStep }: RoundsPlan,
): Promise<Result[][]> {
  const total = contenders.length * (rounds + 1);
  let step = 0;
  const results: Result[][] = contenders.map(() => []);
  for (const { name, measure, isWarm = () => true } of contenders) {
    onStep(step++ / total, `warm-up: ${name}`);
    const warmUps: Result[] = [];
    do warmUps.push(await measure(warmUpSeconds));
    while (warmUps.length < maxWarmUps && !isWarm(warmUps));
  }
  for (let round = 1; round <= rounds; round++) {
    for (const [i, { name, measure }] of contenders.entries()) {
      onStep(step++ / total, `round ${round} of ${rounds}: ${name}`);
      results[i]?.push(await measure(seconds));
    }
  }
  return results;
}
