import { appendFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Api, uniqueEmail } from '../support/api.ts';
import { samplesOf, sampleValue } from '../support/prometheus.ts';
import { emptyFolder } from '../support/server.ts';
import { quietConfig, startTarget } from '../support/targets.ts';
import { startBundle } from '../support/worker-bundle.ts';

const METRICS_TOKEN = 'scrape-Zm9vYmFyYmF6cXV4-0123456789';
const bearer = { Authorization: `Bearer ${METRICS_TOKEN}` };

const targets = ['node', 'bun', 'deno', 'workerd-d1', 'workerd-libsql'] as const;

describe.each(targets)('GET /metrics on %s', (name) => {
  test('[S85] needs the token, and reports this process and the database', async () => {
    const target = await startTarget(name, { METRICS_TOKEN });
    onTestFinished(target.stop);
    const api = new Api(target.baseUrl);
    expect((await api.get('/metrics')).status).toBe(401);
    expect((await api.get('/metrics', { Authorization: 'Bearer another' })).status).toBe(401);
    const account = { email: uniqueEmail(), password: 'analytical engine' };
    expect((await api.json('POST', '/auth/signup', account)).status).toBe(201);
    const { status, headers, text } = await api.get('/metrics', bearer);
    expect([status, headers.get('Content-Type')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect(sampleValue(text, 'latchkey_outbox_messages')).toBe(0);
    const isWorker = name.startsWith('workerd');
    const runtime = isWorker ? 'workerd' : name;
    expect(sampleValue(text, 'latchkey_build_info', { runtime })).toBe(1);
    if (isWorker) {
      // The numbers of an isolate are not those of the Worker.
      expect(samplesOf(text)).toHaveLength(3);
      return;
    }
    expect(sampleValue(text, 'latchkey_sign_ups_total')).toBe(1);
    expect(sampleValue(text, 'http_server_active_requests')).toBe(1);
    expect(sampleValue(text, 'latchkey_password_queue_waiting')).toBe(0);
    // Of the demo user and of the account.
    expect(sampleValue(text, 'latchkey_password_queue_wait_seconds_count')).toBe(2);
    expect(
      sampleValue(text, 'http_server_request_duration_seconds_count', {
        http_request_method: 'POST',
        http_route: '/auth/signup',
        http_response_status_class: '2xx',
      }),
    ).toBe(1);
    const batches = { db_operation_name: 'BATCH', error_type: '' };
    const count = samplesOf(text).filter(
      ({ name: metric, labels }) =>
        metric === 'db_client_operation_duration_seconds_count' &&
        labels.db_operation_name === batches.db_operation_name,
    );
    expect(count.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThan(0);
    await expect
      .poll(async () => {
        const answer = await api.get('/metrics', bearer);
        return sampleValue(answer.text, 'latchkey_event_loop_lag_seconds_count');
      })
      .toBeGreaterThan(0);
  });
});

test('a Worker with the binding METRICS writes to Analytics Engine and answers as before', async () => {
  const config = quietConfig(emptyFolder());
  appendFileSync(
    config,
    '\n[[analytics_engine_datasets]]\nbinding = "METRICS"\ndataset = "latchkey"\n',
  );
  const { api, server } = await startBundle('APP_ENV=development\nSECRET_KEY=x\n', config);
  for (let i = 0; i < 3; i++) expect((await api.get('/healthz')).status).toBe(200);
  expect((await api.get('/readyz')).status).toBe(503);
  expect(server.output()).not.toMatch(/writeDataPoint|TypeError|internal_error/);
});
