import { describe, expect, test } from 'vitest';
import { barsOf, type Chart, chartOf } from '../../src/features/admin-pages/chart.ts';
import { readTags } from '../support/page-reader.ts';

const chart = (series: Chart['series'], more: Partial<Chart> = {}): Chart => ({
  id: 'a',
  title: 'Logins',
  summary: '3 in total',
  slots: ['2026-01-01', '2026-01-02'],
  series,
  axis: ['2026-01-01', '2026-01-02'],
  table: { name: 'Logins: table', slot: 'Day' },
  ...more,
});
const up = { label: 'succeeded', values: [1, 2] };
const down = { label: 'failed', values: [0, 2] };

const pathsIn = (markup: unknown) =>
  readTags(String(markup))
    .filter(({ name }) => name === 'path')
    .map(({ attributes }) => [attributes.class, attributes.d]);

describe('a chart', () => {
  test('has bars as high as its numbers, the highest as high as the chart', () => {
    expect(pathsIn(chartOf(chart([up])))).toEqual([
      ['up', 'M1 100v-50h8V100zM11 100v-100h8V100z'],
      ['line', 'M0 100h20'],
    ]);
  });

  test('shows a second kind below the line, in the same scale', () => {
    expect(pathsIn(chartOf(chart([up, down])))).toEqual([
      ['up', 'M1 50v-25h8V50zM11 50v-50h8V50z'],
      ['down', 'M11 50v50h8V50z'],
      ['line', 'M0 50h20'],
    ]);
  });

  test('is empty without numbers, and never divides by zero', () => {
    const none = chart([{ label: 'n', values: [0, 0] }]);
    expect(pathsIn(chartOf(none))).toEqual([
      ['up', ''],
      ['line', 'M0 100h20'],
    ]);
    expect(pathsIn(chartOf(chart([{ label: 'n', values: [] }], { slots: [] })))).toEqual([
      ['up', ''],
      ['line', 'M0 100h0'],
    ]);
  });

  test.each([1, 3, 7, 1e6, 1e12])('stays inside the chart with %d', (value) => {
    const [bar] = barsOf([value], 100, -100 / value).match(/v(-?[\d.]+)/g) ?? [];
    expect(bar).toBe('v-100');
  });

  test('has a name and a description, and its table has every number', () => {
    const tags = readTags(String(chartOf(chart([up, down]))));
    const svg = tags.find(({ name }) => name === 'svg');
    expect(svg?.attributes).toMatchObject({ role: 'img', 'aria-labelledby': 'a-title a-text' });
    const textOf = (name: string) =>
      tags.filter((tag) => tag.name === name).map(({ text }) => text);
    expect([textOf('title'), textOf('desc')]).toEqual([['Logins'], ['3 in total']]);
    expect(textOf('th')).toEqual(['Day', 'succeeded', 'failed', '2026-01-01', '2026-01-02']);
    expect(textOf('td')).toEqual(['1', '0', '2', '2']);
  });

  test('escapes its words', () => {
    const html = String(chartOf(chart([up], { title: '<b>"&', summary: '<i>' })));
    expect(html).not.toMatch(/<b>|<i>/);
  });
});
