import fc from 'fast-check';
import { expect, test } from 'vitest';
import { laterThirds, median, percentile, ratios, spreadOf } from '../../bench/statistics.ts';

test('the median is the middle value or the mean of the two middle ones, in any order', () => {
  expect(median([3])).toBe(3);
  expect(median([10, 1, 2])).toBe(2);
  expect(median([10, 1, 2, 4])).toBe(3);
  expect(() => median([])).toThrow('no values');
});

test('a percentile is the nearest rank: the smallest value that covers the share', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([0.01, 0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 99, 100]);
  expect(percentile([7], 0.99)).toBe(7);
  expect(() => percentile([], 0.5)).toThrow('no values');
});

test('numbers are sorted numerically, and the given list is not changed', () => {
  const values = [100, 9, 20];
  expect([median(values), percentile(values, 1)]).toEqual([20, 100]);
  expect(values).toEqual([100, 9, 20]);
});

test('at least the share is at or below the percentile, and less than the share below it', () => {
  const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
      const at = percentile(list, percent / 100);
      const atMost = list.filter((value) => value <= at).length;
      const below = list.filter((value) => value < at).length;
      expect(atMost * 100).toBeGreaterThanOrEqual(list.length * percent);
      expect(below * 100).toBeLessThan(list.length * percent);
    }),
  );
});

test('ratios need pairs: a round without a counterpart is an error', () => {
  expect(ratios([10, 30], [5, 60])).toEqual([2, 0.5]);
  expect(() => ratios([1, 2], [1])).toThrow('no pairs');
});

test('the spread ranges from the minimum to the maximum', () => {
  expect(spreadOf([5, 1, 3])).toEqual({ min: 1, median: 3, max: 5 });
});

test('the later thirds exclude the first third and the remainder', () => {
  expect(laterThirds([0, 1, 2, 3, 4, 5, 6])).toEqual({ second: [3, 4], last: [5, 6] });
  expect(() => laterThirds([1, 2])).toThrow('fewer than three');
});
