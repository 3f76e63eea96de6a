import type { AnalyticsEngineDataPoint } from '@cloudflare/workers-types';
import { expect, test } from 'vitest';
import { createAnalyticsMeter } from '../../src/runtime/ports/analytics-meter.ts';
import type { WorkerEnv } from '../../src/runtime/servers/worker-app.ts';
import { createWorkerHandler } from '../../src/runtime/servers/worker-handler.ts';

function createDataset(onWrite = () => {}) {
  const points: AnalyticsEngineDataPoint[] = [];
  const dataset = {
    writeDataPoint(point: AnalyticsEngineDataPoint = {}) {
      onWrite();
      points.push(point);
    },
  };
  return { points, dataset };
}

const context = { waitUntil() {}, passThroughOnException() {}, props: {} };

test('a Worker writes a data point per request and per database call, and serves only gauges', async () => {
  const { points, dataset } = createDataset();
  const assets = { fetch: async () => new Response(null, { status: 404 }) };
  const env = {
    APP_ENV: 'development',
    SECRET_KEY: 'a secret for tests',
    // Nothing listens there.
    DATABASE_URL: 'http://127.0.0.1:9',
    METRICS_TOKEN: 'scrape',
    ASSETS: assets as unknown as WorkerEnv['ASSETS'],
    METRICS: dataset,
  };
  const worker = createWorkerHandler();
  const get = (path: string, headers: Record<string, string> = {}) =>
    worker.fetch(new Request(`https://api.example${path}`, { headers }), env, context);
  expect((await get('/healthz')).status).toBe(200);
  expect(points).toContainEqual({
    indexes: ['http_server_request_duration_seconds'],
    blobs: ['GET', '2xx', '/healthz'],
    doubles: [expect.any(Number)],
  });
  expect((await get('/readyz')).status).toBe(503);
  const failed = {
    indexes: ['db_client_operation_duration_seconds'],
    blobs: ['SELECT', 'unavailable'],
  };
  expect(points).toContainEqual(expect.objectContaining(failed));
  expect(points).toContainEqual({
    indexes: ['latchkey_unavailable_responses_total'],
    blobs: ['database_unavailable'],
    doubles: [1],
  });
  expect((await get('/metrics')).status).toBe(401);
  const text = await (await get('/metrics', { Authorization: 'Bearer scrape' })).text();
  expect(text).toMatch(/^latchkey_build_info\{version="[^"]+",runtime="workerd"\} 1$/m);
  expect(text).not.toMatch(/_total|_bucket/);
});

test('an invocation writes at most 200 data points; the next one writes again', () => {
  const { points, dataset } = createDataset();
  const meter = createAnalyticsMeter(dataset);
  for (let i = 0; i < 300; i++) meter.count('latchkey_sign_ups_total', {});
  expect(points).toHaveLength(200);
  meter.beginInvocation();
  meter.count('latchkey_limit_hits_total', { limit: 'login' });
  expect(points.at(-1)).toEqual({
    indexes: ['latchkey_limit_hits_total'],
    blobs: ['login'],
    doubles: [1],
  });
});

test('a dataset that throws does not disturb the request', () => {
  let writes = 0;
  const { dataset } = createDataset(() => {
    writes++;
    throw new Error('too many data points');
  });
  const meter = createAnalyticsMeter(dataset);
  for (let i = 0; i < 3; i++) meter.observe('latchkey_event_loop_lag_seconds', 1, {});
  expect(writes).toBe(1);
});
