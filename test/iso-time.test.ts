import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../src/core/time.ts';

describe('a time in ISO 8601', () => {
  test.each([
    ['the epoch', 0],
    ['the last millisecond of a day', Date.UTC(2026, 1, 28, 23, 59, 59, 999)],
    ['a leap day', Date.UTC(2028, 1, 29)],
    ['before the epoch', -1],
    ['a fraction, as a database column may contain', 1.5],
    ['a fraction before the epoch', -1.5],
    ['the last time of Date', 8.64e15],
    ['a year of five digits', Date.UTC(12_026, 0, 1)],
  ])('%s is formatted as by Date', (_, time) => {
    expect(isoTime(time)).toBe(new Date(time).toISOString());
  });

  test('any time is formatted as by Date', () => {
    const limit = 8.64e15;
    fc.assert(
      fc.property(fc.maxSafeInteger(), (any) => {
        const time = any % limit;
        expect(isoTime(time)).toBe(new Date(time).toISOString());
      }),
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1, -8.64e15 - 1])(
    '%s is rejected',
    (time) => {
      expect(() => isoTime(time)).toThrow(RangeError);
    },
  );
});
