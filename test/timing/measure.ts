import type { Case, Route } from './cases.ts';
import type { RouteSamples, Samples } from './judgement.ts';
import type { Call, Timed } from './timed-client.ts';

export interface Plan {
  readonly rounds: number;
  /** Tries of each case per round. */
  readonly tries: number;
  /** Returns a number from 0 to below 1, which determines the order. */
  random(): number;
}

export interface Measured {
  readonly samples: RouteSamples;
  /** A response that differs from the baseline's, by case. */
  readonly strayed: ReadonlyMap<string, string>;
  /** The response that every try should get. */
  readonly expected: string;
}

/** The server shed load, so its times are not usable. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

/** Tries of each case before the measurement, not counted. */
export const WARM_UP = 3;

/**
 * Tries the cases of a route one at a time. Each turn tries every case once, in random order, so that other load on
 * the machine affects all cases alike.
 *
 * @throws Error if the response of the baseline is not that of the route
 * @throws OverloadedError if a response is 503
 */
export async function measure(
  { title, mark, baseline, again, others }: Route,
  send: (call: Call) => Promise<Timed>,
  { rounds, tries, random }: Plan,
  onRound: (round: number) => void,
): Promise<Measured> {
  const strayed = new Map<string, string>();
  const cases = [baseline, again, ...others];
  const taken = new Map<Case, number[][]>(cases.map((one) => [one, []]));

  async function attempt({ next }: Case): Promise<Timed> {
    const timed = await send(next());
    if (timed.status === 503) throw new OverloadedError(`${title} answered 503`);
    return timed;
  }

  const { comparable: expected } = await attempt(baseline);
  if (!expected.includes(mark)) {
    throw new Error(`${title} does not answer ${baseline.name} with ${mark}:\n${expected}`);
  }

  async function takeTurns(turns: number, onTry: (of: Case, ms: number) => void): Promise<void> {
    for (let turn = 0; turn < turns; turn++) {
      for (const one of shuffled(cases, random)) {
        const { ms, comparable } = await attempt(one);
        if (comparable !== expected) strayed.set(one.name, comparable);
        onTry(one, ms);
      }
    }
  }

  await takeTurns(WARM_UP, () => undefined);
  for (let round = 0; round < rounds; round++) {
    for (const samples of taken.values()) samples.push([]);
    await takeTurns(tries, (of, ms) => taken.get(of)?.at(-1)?.push(ms));
    onRound(round + 1);
  }

  const samplesOf = (one: Case): Samples => ({ name: one.name, rounds: taken.get(one) ?? [] });
  return {
    samples: {
      baseline: samplesOf(baseline),
      again: samplesOf(again),
      others: others.map(samplesOf),
    },
    strayed,
    expected,
  };
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const drawn = values.map((value) => ({ value, lot: random() }));
  return drawn.sort((a, b) => a.lot - b.lot).map(({ value }) => value);
}
