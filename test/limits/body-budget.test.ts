import { describe, expect, test } from 'vitest';
import { bodyLimitMs, createBodyBudget } from '../../src/core/http/body-budget.ts';

const KB = 1024;
const LARGE = 64 * KB;

/** Returns how many bodies are admitted, either from a different network each or all from the same one. */
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

describe('[S43] the budget of bodies in flight', () => {
  test('admits the given number of bodies, and at least one', () => {
    for (const [places, expected] of [
      [256, 256],
      [3, 3],
      [1, 1],
      [0, 1],
    ] as const) {
      expect(count(createBodyBudget(places), 100)).toBe(expected);
    }
  });

  test('is 32 MB regardless of the number of bodies', () => {
    expect(count(createBodyBudget(Infinity), LARGE)).toBe(512);
    expect(count(createBodyBudget(30_000), LARGE)).toBe(512);
  });

  test('gives one network a quarter, or a sixteenth while more than half is used, but always one body', () => {
    const budget = createBodyBudget(256);
    expect(count(budget, 100, '192.0.2.1')).toBe(64);
    expect(count(budget, 100, '192.0.2.2')).toBe(64);
    expect(budget.crowdedSince()).toBeUndefined();
    expect(count(budget, 100, '192.0.2.3')).toBe(16);
    expect(count(budget, 100, '192.0.2.4')).toBe(16);
    expect(budget.crowdedSince()).toBeGreaterThan(0);
    expect(count(createBodyBudget(4), 100, '192.0.2.1')).toBe(1);
  });

  test('gives one network three uploads of 5 MB while it is quiet, and one beside many others', () => {
    const upload = 5_000_000;
    const budget = createBodyBudget(256);
    expect(count(budget, upload, '192.0.2.1')).toBe(3);
    expect(count(budget, upload, '192.0.2.2')).toBe(1);
    for (let i = 0; i < 3; i++) budget.leave('192.0.2.1', upload);
    expect(count(budget, upload, '192.0.2.1')).toBe(2);
  });

  test('a body has more time the larger it may be, up to 110 seconds', () => {
    const limits = [0, 64 * KB, 5_000_000, 50_000_000].map((bytes) => bodyLimitMs(30_000, bytes));
    expect(limits.map((ms) => Math.round(ms / 1000))).toEqual([30, 30, 107, 110]);
    expect(bodyLimitMs(200_000, LARGE)).toBe(200_000);
  });

  test('releases the memory of finished bodies', () => {
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
