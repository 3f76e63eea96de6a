import { expect, test } from 'vitest';
import { drawChart } from '../../bench/chart.ts';
import {
  atLeast,
  atMost,
  figure,
  format,
  formatTarget,
  type NamedOutcome,
  row,
} from '../../bench/outcome.ts';
import { renderTable } from '../../bench/table.ts';

const OUTCOMES: readonly NamedOutcome[] = [
  {
    scenario: 'read',
    title: 'Reads',
    outcome: {
      rows: [
        row(atLeast(0.5), figure('of bare Hono', 'share', [0.4, 0.6, 0.55])),
        row(atMost(50), figure('slowest', 'ms', [10, 70], 70)),
      ],
      figures: [figure('Latchkey <own>', 'per second', [12_000, 12_300, 11_000])],
      notes: ['A note.'],
    },
  },
  { scenario: 'twin', title: 'Against the twin', outcome: { notMeasured: 'no Python' } },
];

test('a target is met at its bound, by the median unless another value is given', () => {
  expect(row(atLeast(0.5), figure('', 'share', [0.5])).isMet).toBe(true);
  expect(row(atLeast(0.5), figure('', 'share', [0.4, 0.49, 0.9])).isMet).toBe(false);
  expect(row(atMost(2), figure('', 'times', [2, 2, 9])).isMet).toBe(true);
  expect(row(atMost(2), figure('', 'times', [1, 1, 9], 9)).isMet).toBe(false);
});

test('values are formatted with their units', () => {
  expect(format(12_345.6, 'per second')).toBe('12,346 /s');
  expect(format(6.13, 'per second')).toBe('6.1 /s');
  expect(format(0.531, 'share')).toBe('53.1%');
  expect(format(12.34, 'µs')).toBe('12.3 µs');
  expect(format(1.0749, 'times')).toBe('1.07x');
  expect(format(9.6, 'ms')).toBe('9.60 ms');
  expect(formatTarget(atLeast(0.5), 'share')).toBe('≥ 50%');
  expect(formatTarget(atMost(1.3), 'times')).toBe('≤ 1.3x');
  expect(formatTarget(atMost(190), 'kB')).toBe('≤ 190 kB');
});

test('the table has a line for each target, and lists what was not measured', () => {
  expect(renderTable(OUTCOMES).split('\n')).toEqual([
    'scenario  what              target   measured  spread',
    expect.stringMatching(/^─+$/),
    'read      of bare Hono      ≥ 50%    55.0%     40.0% – 60.0%        met, in doubt',
    'read      slowest           ≤ 50 ms  70.00 ms  10.00 ms – 70.00 ms  not met',
    'twin      Against the twin           —                              not measured',
    '',
    'read:',
    '  Latchkey <own>: 12,000 /s (11,000 /s – 12,300 /s)',
    '  A note.',
    'twin: not measured: no Python',
  ]);
});

test('the chart names each target, follows the theme and loads nothing', () => {
  const svg = drawChart(OUTCOMES, 'CPU & day');
  expect(svg).toContain('55.0%  (≥ 50%)');
  expect(svg).toContain('class="missed"');
  expect(svg).toContain('twin: not measured');
  expect(svg).toContain('Latchkey &lt;own&gt;');
  expect(svg).toContain('CPU &amp; day');
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
    /https?:|url\(|<script|@import/,
  );
});

test('no bar of the chart is longer than its track', () => {
  const far = row(atMost(1), figure('far', 'ms', [1e6]));
  const svg = drawChart(
    [{ scenario: 'x', title: '', outcome: { rows: [far], figures: [], notes: [] } }],
    '',
  );
  const widths = [...svg.matchAll(/<rect class="(?:track|missed)".*? width="([\d.]+)"/g)];
  expect(widths.map(([, width]) => Number(width))).toEqual([330, 330]);
});
