import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGauges } from '../../src/core/metrics/gauges.ts';
import { METRIC_HELP } from '../../src/core/metrics/help.ts';
import { METRICS, type MetricName } from '../../src/core/metrics/metrics.ts';
import { createRegistry } from '../../src/core/metrics/registry.ts';
import { MAX_OPEN_VALUES } from '../../src/core/metrics/series.ts';
import { PROBLEMS } from '../../src/core/problems.ts';
import { CHANNELS } from '../../src/features/messages/message.ts';
import { samplesOf } from '../support/prometheus.ts';

const REQUESTS = 'http_server_request_duration_seconds';
const request = (route: string, method = 'GET') => ({
  http_request_method: method,
  http_route: route,
  http_response_status_class: '2xx' as const,
});

describe('the text format', () => {
  test('keeps every text of a label, whatever its characters', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (route) => {
        const { meter, text } = createRegistry();
        meter.observe(REQUESTS, 0.2, request(route));
        const routes = samplesOf(await text())
          .filter(({ name }) => name === `${REQUESTS}_count`)
          .map(({ labels }) => labels.http_route);
        expect(routes).toEqual([route]);
      }),
    );
  });

  test('of a histogram has cumulative buckets, the sum and the count of its values', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1 }),
        async (values) => {
          const { meter, text } = createRegistry();
          for (const value of values) meter.observe(REQUESTS, value, request('/a'));
          const samples = samplesOf(await text());
          for (const { name, labels, value } of samples) {
            if (name !== `${REQUESTS}_bucket`) continue;
            const bound = Number(labels.le?.replace('+Inf', 'Infinity'));
            expect(value).toBe(values.filter((each) => each <= bound).length);
          }
          const sampleValue = (suffix: string) =>
            samples.find(({ name }) => name === `${REQUESTS}_${suffix}`)?.value;
          expect(sampleValue('count')).toBe(values.length);
          expect(sampleValue('sum')).toBeCloseTo(values.reduce((sum, each) => sum + each, 0));
        },
      ),
    );
  });

  test('describes each metric once, before its samples, which stand together', async () => {
    const { meter, text, collect } = createRegistry();
    meter.observe(REQUESTS, 1, request('/a'));
    meter.observe(REQUESTS, 1, request('/b'));
    collect(() => ({ http_server_active_requests: 3 }));
    const lines = (await text()).trimEnd().split('\n');
    const typed = lines.flatMap((line) => /^# TYPE (\S+) /.exec(line)?.[1] ?? []);
    expect(new Set(typed).size).toBe(typed.length);
    let current = '';
    for (const line of lines) {
      const [, name] = /^# (?:HELP|TYPE) (\S+) /.exec(line) ?? [];
      if (name !== undefined) current = name;
      else expect(line.startsWith(current)).toBe(true);
    }
    expect(lines).toContain('http_server_active_requests 3');
  });

  test('writes numbers as Go parses them', async () => {
    for (const [value, written] of [
      [Number.NaN, 'NaN'],
      [Number.POSITIVE_INFINITY, '+Inf'],
      [Number.NEGATIVE_INFINITY, '-Inf'],
      [0.1, '0.1'],
    ] as const) {
      const gauges = createGauges();
      gauges.collect(async () => ({ latchkey_outbox_messages: value }));
      expect(await gauges.text()).toBe(
        `# TYPE latchkey_outbox_messages gauge\nlatchkey_outbox_messages ${written}\n`,
      );
    }
  });
});

describe('labels', () => {
  test('[S85] values that are not listed become _OTHER, and open labels have a bounded number', async () => {
    const { meter, text } = createRegistry();
    for (let i = 0; i < 2 * MAX_OPEN_VALUES; i++) {
      meter.observe(REQUESTS, 1, request(`/${i}`, `METHOD${i}`));
    }
    const counts = samplesOf(await text()).filter(({ name }) => name === `${REQUESTS}_count`);
    const valuesOf = (label: string) => new Set(counts.map(({ labels }) => labels[label]));
    expect([...valuesOf('http_request_method')]).toEqual(['_OTHER']);
    expect(valuesOf('http_route').size).toBe(MAX_OPEN_VALUES + 1);
    expect(valuesOf('http_route')).toContain('_OTHER');
    const total = counts.reduce((sum, { value }) => sum + value, 0);
    expect(total).toBe(2 * MAX_OPEN_VALUES);
  });

  test('counters with known labels start at 0', async () => {
    const samples = samplesOf(await createRegistry().text());
    expect(samples).toContainEqual({
      name: 'latchkey_log_ins_total',
      labels: { method: 'password', outcome: 'failure' },
      value: 0,
    });
    expect(samples).toContainEqual({
      name: 'latchkey_refresh_token_reuse_total',
      labels: {},
      value: 0,
    });
    expect(samples.filter(({ value }) => value !== 0)).toEqual([]);
  });

  test('list what other tables list: the codes of status 503, the channels of messages', () => {
    const codes = Object.entries(PROBLEMS).filter(([, { status }]) => status === 503);
    const { code } = METRICS.latchkey_unavailable_responses_total.labels;
    expect([...code].sort()).toEqual(codes.map(([name]) => name).sort());
    expect(METRICS.latchkey_messages_total.labels.channel).toEqual(CHANNELS);
  });
});

test('every metric has a name that Prometheus accepts, with its unit, and a description', () => {
  for (const [name, { type }] of Object.entries(METRICS) as [MetricName, { type: string }][]) {
    expect(name).toMatch(/^(http|db|latchkey)_[a-z_]+$/);
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    if (type === 'histogram') expect(name).toMatch(/_seconds$/);
    expect(METRIC_HELP[name]).toMatch(/^[A-Z].*\.$/);
  }
});
