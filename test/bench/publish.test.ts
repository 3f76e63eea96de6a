import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { atLeast, atMost, figure, row } from '../../bench/outcome.ts';
import { CHART, chartOf, PAGE, readPublished, withFigures } from '../../bench/publish.ts';
import type { Report } from '../../bench/report.ts';
import { ROOT } from '../../bench/root.ts';
import { SCENARIOS } from '../../bench/scenarios/all.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

test('the chart and the table in docs match the figures in docs, which cover all scenarios', () => {
  const published = readPublished();
  expect(published.outcomes.map(({ scenario }) => scenario)).toEqual(
    SCENARIOS.map(({ name }) => name),
  );
  expect(published.options).toMatchObject({ isQuick: false, rounds: 9 });
  expect(published.machine.commit).toMatch(/^[0-9a-f]{12}$/);
  expect(chartOf(published)).toBe(read(CHART));
  expect(withFigures(read(PAGE), published)).toBe(read(PAGE));
});

const REPORT: Report = {
  startedAt: '2026-01-02T03:04:05.678Z',
  seconds: 130,
  machine: {
    ...{ cpu: 'CPU', cores: 2, memoryGiB: 8, system: 'linux 6', load: 0, commit: '0123456789ab' },
    ...{ node: '20.19.0', bun: '1.3.0', deno: '2.5.0' },
  },
  options: {
    ...{ scenarios: ['read', 'twin'], isQuick: true, rounds: 3, publish: true, pin: true },
    pythons: [],
  },
  isPinned: true,
  stolen: 0.0123,
  outcomes: [
    {
      scenario: 'read',
      title: 'Reads',
      outcome: {
        rows: [
          row(atLeast(0.5), figure('of bare Hono', 'share', [0.4, 0.6, 0.55])),
          row(atMost(190), figure('size', 'kB', [186.6])),
        ],
        figures: [],
        notes: [],
      },
    },
    { scenario: 'twin', title: 'Against the twin', outcome: { notMeasured: 'no Python' } },
  ],
};

test('new figures replace the old ones, and nothing else on the page', () => {
  const page =
    '# A\n\n<!-- figures, written by npm run bench -->\nold\n<!-- end of figures -->\n\nB\n';
  const once = withFigures(page, REPORT);
  expect(once).not.toContain('old');
  expect(once.startsWith('# A\n\n<!--')).toBe(true);
  expect(once.endsWith('-->\n\nB\n')).toBe(true);
  expect(once).toContain(
    'A quick run of 2 minutes, 3 rounds, of commit `0123456789ab` on 2026-01-02: 2 processors (CPU), linux 6, Node 20.19.0, Bun 1.3.0, Deno 2.5.0. Meanwhile other guests of its host took 1.2% of the processors’ time.',
  );
  expect(once).toContain(
    '| `read` | of bare Hono | ≥ 50% | 55.0% | 40.0% to 60.0% | met, in doubt |\n|  | size | ≤ 190 kB | 186.6 kB |  | met |\n| `twin` | Against the twin |  |  |  | not measured |',
  );
  expect(withFigures(once, REPORT)).toBe(once);
});

test('a page without a place for figures is an error', () => {
  expect(() => withFigures('# A', REPORT)).toThrow('no place');
});
