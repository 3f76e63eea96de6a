import { expect, test } from 'vitest';
import { summaryOf } from './support/attack-tally.ts';

test('the summary of an attack run adds up the counts of its tests', () => {
  const tallies = [
    { requests: 100, faults: 3, acknowledged: 40, lost: 0 },
    { requests: 20, faults: 1, acknowledged: 2, lost: 5 },
  ];
  expect(summaryOf(tallies)).toBe(
    'Attack run: 120 requests sent, 4 faults injected, 42 writes acknowledged, 5 writes lost',
  );
});

test('there is no summary if no test has run', () => {
  expect(summaryOf([])).toBeUndefined();
});
