import { describe, expect, test } from 'vitest';
import { seededNumbers } from '../support/seeded.ts';
import { judge, type Samples } from './judgement.ts';

const ROUNDS = 5;
const TRIES = 10;

/** Samples of a simulated machine with 6% jitter, a hiccup in one of ten tries, and two speeds. */
function createMachine(seed: number) {
  const random = seededNumbers(seed);
  const speeds = Array.from({ length: ROUNDS * TRIES }, () => (random() < 0.4 ? 1.8 : 1));
  return (name: string, factor = 1): Samples => ({
    name,
    rounds: Array.from({ length: ROUNDS }, (_, round) =>
      Array.from({ length: TRIES }, (_, i) => {
        const jitter = 0.94 + 0.12 * random();
        const hiccup = random() < 0.1 ? 1 + 9 * random() : 1;
        return 150 * factor * jitter * hiccup * (speeds[round * TRIES + i] ?? 1);
      }),
    ),
  });
}

function verdictsOn(factors: readonly number[], seed: number, noise = 1) {
  const machine = createMachine(seed);
  const judgements = judge({
    baseline: machine('baseline'),
    again: machine('again', noise),
    others: factors.map((factor) => machine(`× ${factor}`, factor)),
  });
  return judgements.map(({ verdict }) => verdict);
}

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

describe('[S14] the verdict on times', () => {
  test('on a noisy machine, a case that takes 15% more or less fails in 99% of the runs', () => {
    const verdicts = SEEDS.flatMap((seed) => verdictsOn([1.15, 0.85], seed).slice(2));
    const failed = verdicts.filter((verdict) => verdict === 'failed').length;
    expect(failed / verdicts.length).toBeGreaterThanOrEqual(0.99);
  });

  test('on a noisy machine, cases that take the same time pass', () => {
    for (const seed of SEEDS) {
      const verdicts = verdictsOn([1, 1], seed);
      expect([seed, ...verdicts]).toEqual([seed, 'baseline', 'passed', 'passed', 'passed']);
    }
  });

  test('if the baseline differs from itself, every verdict is too noisy', () => {
    for (const noise of [1.15, 0.85]) {
      const verdicts = verdictsOn([1, 1.15], 1, noise);
      expect(verdicts).toEqual(['baseline', 'too noisy', 'too noisy', 'too noisy']);
    }
  });

  test('a case that takes 10% more or less passes', () => {
    const flat = (name: string, ms: number): Samples => ({ name, rounds: [[ms], [ms], [ms]] });
    const judgements = judge({
      baseline: flat('baseline', 1000),
      again: flat('again', 1000),
      others: [900, 1100, 899, 1101].map((ms) => flat(`${ms} ms`, ms)),
    });
    const verdicts = judgements.slice(2).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(['passed', 'passed', 'failed', 'failed']);
  });

  test('one outlier round of five does not decide; its ratio is in the spread', () => {
    const flat = (name: string, last: number): Samples => ({
      name,
      rounds: [[100], [100], [100], [100], [last]],
    });
    const [, , wild] = judge({
      baseline: flat('baseline', 100),
      again: flat('again', 100),
      others: [flat('wild', 900)],
    });
    expect(wild).toEqual({
      name: 'wild',
      median: 100,
      ratio: { min: 1, median: 1, max: 9 },
      verdict: 'passed',
    });
  });

  test('another number of rounds or tries than the baseline’s is an error', () => {
    const baseline = {
      name: 'baseline',
      rounds: [
        [1, 1],
        [1, 1],
      ],
    };
    const again = { ...baseline, name: 'again' };
    for (const rounds of [[[1, 1]], [[1], [1, 1]]]) {
      const others = [{ name: 'short', rounds }];
      expect(() => judge({ baseline, again, others })).toThrow(/number of rounds|no pairs/);
    }
  });
});
