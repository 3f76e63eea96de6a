/** One side of a comparison. */
export interface Contender<Result> {
  readonly name: string;
  /** Measures once, for so many seconds. */
  measure(seconds: number): Promise<Result>;
  /** Whether a warm-up was enough, by all results so far. One is, unless told otherwise. */
  isWarm?(warmUps: readonly Result[]): boolean;
}

export interface RoundsPlan {
  readonly rounds: number;
  /** Of one measurement. */
  readonly seconds: number;
  /** Of one that is not counted, before the first round. */
  readonly warmUpSeconds: number;
  /** How many of them at most, where one was not enough. */
  readonly maxWarmUps: number;
  /** Told before each measurement. @param share how much of all is done, 0 to 1 */
  readonly onStep: (share: number, what: string) => void;
}

/**
 * Measures in turns, A B A B: what else the machine does falls on all sides alike. Returns the results of
 * each contender in the order of the rounds.
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
