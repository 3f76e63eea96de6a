import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { METRIC_HELP } from '../../src/core/metrics/help.ts';
import { METRICS, type Metric, type MetricName, OPEN } from '../../src/core/metrics/metrics.ts';
import { ROOT } from '../support/targets.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Labels that Prometheus adds itself. */
const ADDED = ['job', 'instance'];

type Labels = ReadonlyMap<string, readonly string[] | typeof OPEN>;

/** Returns the names of the samples of a metric, each with its labels and their values. */
function samplesOf([name, { type, labels }]: [string, Metric]): (readonly [string, Labels])[] {
  const own: Labels = new Map(Object.entries(labels));
  if (type !== 'histogram') return [[name, own]];
  return [
    [`${name}_bucket`, new Map([...own, ['le', OPEN] as const])],
    [`${name}_sum`, own],
    [`${name}_count`, own],
  ];
}

/** What can be selected. */
const SELECTABLE = new Map<string, Labels>([
  ['up', new Map()],
  ...Object.entries<Metric>(METRICS).flatMap(samplesOf),
]);

/** Returns what is wrong with an expression: its syntax, a name, a label or the value of a label. */
function faultsOf(expression: string): string[] {
  // Grafana replaces its variables before Prometheus sees the expression.
  const text = expression.replaceAll('$__rate_interval', '5m');
  const faults: string[] = [];
  const selected: string[] = [];
  const known = new Set(ADDED);
  const grouped: string[] = [];
  let label = '';
  parser.parse(text).iterate({
    enter({ type, from, to, node }) {
      const word = text.slice(from, to);
      if (type.isError) faults.push(`syntax at ${from}`);
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') {
        selected.push(word);
        const labels = SELECTABLE.get(word);
        if (!labels) faults.push(`no metric ${word}`);
        for (const name of labels?.keys() ?? []) known.add(name);
      }
      if (type.name === 'LabelName') {
        label = word;
        if (node.parent?.name === 'GroupingLabels') grouped.push(word);
        else if (!ADDED.includes(word) && !SELECTABLE.get(selected.at(-1) ?? '')?.has(word)) {
          faults.push(`${selected.at(-1)} has no label ${word}`);
        }
      }
      if (type.name === 'StringLiteral' && !ADDED.includes(label)) {
        const values = SELECTABLE.get(selected.at(-1) ?? '')?.get(label);
        const value = word.slice(1, -1);
        if (values !== undefined && values !== OPEN && !values.includes(value)) {
          faults.push(`${label} is never ${word}`);
        }
      }
    },
  });
  if (selected.length === 0) faults.push('nothing is selected');
  return [...faults, ...grouped.filter((name) => !known.has(name)).map((name) => `no ${name}`)];
}

const dashboardSchema = z.object({
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string().min(1),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).min(1),
    }),
  ),
});

const alertsSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Latchkey[A-Za-z]+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+m$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
});

describe('faultsOf', () => {
  test.each([
    ['sum(rate(up[5m])', 'syntax'],
    ['latchkey_nothing_total', 'no metric latchkey_nothing_total'],
    ['http_server_request_duration_seconds', 'no metric'],
    ['latchkey_log_ins_total{user="ada"}', 'has no label user'],
    ['latchkey_log_ins_total{outcome="won"}', 'outcome is never "won"'],
    ['sum by (user) (latchkey_log_ins_total)', 'no user'],
    ['latchkey_log_ins_total{le="1"}', 'has no label le'],
    ['1 + 1', 'nothing is selected'],
  ])('finds what is wrong with %s', (expression, fault) => {
    expect(faultsOf(expression).join()).toContain(fault);
  });

  test('accepts what exists', () => {
    expect(
      faultsOf('sum by (method) (rate(latchkey_log_ins_total{job="a"}[$__rate_interval]))'),
    ).toEqual([]);
  });
});

test('deploy/grafana-dashboard.json shows every metric, by expressions of names and labels that exist', () => {
  const { panels } = dashboardSchema.parse(JSON.parse(read('deploy/grafana-dashboard.json')));
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  expect(
    expressions
      .map((expr) => [expr, faultsOf(expr)] as const)
      .filter(([, { length }]) => length > 0),
  ).toEqual([]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const all = expressions.join();
  expect(Object.keys(METRICS).filter((name) => !all.includes(name))).toEqual([]);
  for (const { targets } of panels) {
    for (const { expr, legendFormat } of targets) {
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        expect([...ADDED, ...(/by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? [])]).toContain(
          label,
        );
      }
    }
  }
});

test('deploy/alerts.yaml has rules whose names and labels exist', () => {
  const { groups } = alertsSchema.parse(parse(read('deploy/alerts.yaml')));
  const rules = groups.flatMap((group) => group.rules);
  expect(
    rules.map(({ expr }) => [expr, faultsOf(expr)] as const).filter(([, { length }]) => length > 0),
  ).toEqual([]);
  const names = rules.map(({ alert }) => alert);
  expect(new Set(names).size).toBe(names.length);
  const page = read('docs/observability.md');
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('docs/observability.md lists every metric with its labels', () => {
  const page = read('docs/observability.md');
  const rows = (Object.entries(METRICS) as [MetricName, Metric][]).map(([name, metric]) => {
    const labels = Object.keys(metric.labels).map((label) => `\`${label}\``);
    return `| \`${name}\` | ${metric.type} | ${labels.join(', ')} | ${METRIC_HELP[name]} |`;
  });
  expect(rows.filter((row) => !page.includes(row))).toEqual([]);
});
