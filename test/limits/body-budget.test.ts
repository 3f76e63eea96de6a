import { describe, expect, test } from 'vitest';
import { createBodyBudget } from '../../src/core/http/body-budget.ts';

const KB = 1024;
const LARGE = 64 * KB;

/** How many bodies get in, each of a network of its own or all of one. */
function count(budget: ReturnType<typeof createBodyBudget>, bytes: number, network?: string) {
  for (let entered = 0; ; entered++) {
    try {
      budget.enter(network ?? `192.0.2.${entered}`, bytes);
    } catch (error) {
      expect(error).toMatchObject({ code: 'overloaded' });
      return entered;
    }
  }
}

describe('[S43] the budget of bodies on their way', () => {
  test('has as many places as it is given, and at least one', () => {
    for (const [places, expected] of [
      [256, 256],
      [3, 3],
      [1, 1],
      [0, 1],
    ] as const) {
      expect(count(createBodyBudget(places), 100)).toBe(expected);
    }
  });

  test('is 32 MB however many places there are', () => {
    expect(count(createBodyBudget(Infinity), LARGE)).toBe(512);
    expect(count(createBodyBudget(30_000), LARGE)).toBe(512);
  });

  test('gives one network a quarter, a sixteenth while more than half is used, and one body always', () => {
    const budget = createBodyBudget(256);
    expect(count(budget, 100, '192.0.2.1')).toBe(64);
    expect(count(budget, 100, '192.0.2.2')).toBe(64);
    expect(budget.crowdedSince()).toBeUndefined();
    expect(count(budget, 100, '192.0.2.3')).toBe(16);
    expect(count(budget, 100, '192.0.2.4')).toBe(16);
    expect(budget.crowdedSince()).toBeGreaterThan(0);
    expect(count(createBodyBudget(4), 100, '192.0.2.1')).toBe(1);
  });

  test('takes what has left for free again', () => {
    const budget = createBodyBudget(4);
    const costs = ['a', 'b', 'c', 'd'].map(
      (network) => [network, budget.enter(network, 1)] as const,
    );
    expect(() => budget.enter('e', 1)).toThrow();
    expect(budget.isQuiet()).toBe(false);
    for (const [network, cost] of costs) budget.leave(network, cost);
    expect([budget.isQuiet(), budget.crowdedSince()]).toEqual([true, undefined]);
    expect(count(budget, 1)).toBe(4);
  });
});
