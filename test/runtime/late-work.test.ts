import { describe, expect, onTestFinished, test } from 'vitest';
import { Api } from '../support/api.ts';
import { emptyFolder, LATE_WORK_SERVERS, LONG_TESTED, startServer } from '../support/server.ts';
import { startWorker } from '../support/targets.ts';

/** Matches the log line of a failure with its name, followed by the line of the same request. */
const FAILED =
  /"error","event":"background_work_failed","request_id":"([\w-]{36})","error":"Unsent"}[\s\S]*"route":"\/test-late\/failed".*"request_id":"\1"/;

describe.each(LONG_TESTED)('%s, work of a request', (name) => {
  const start = () => startServer(name, emptyFolder(), {}, LATE_WORK_SERVERS);

  test('continues after the response, and is awaited on SIGTERM', async () => {
    const server = await start();
    const api = new Api(server.baseUrl);
    expect((await api.get('/test-late/done')).status).toBe(204);
    expect(server.output()).not.toContain('late_work_done');
    server.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(server.output()).toContain('"event":"late_work_done"');
    expect(server.output()).not.toContain('stopped_with');
  });

  test('is logged with its name and its request if it fails', async () => {
    const server = await start();
    await new Api(server.baseUrl).get('/test-late/failed');
    await expect.poll(() => server.output()).toMatch(FAILED);
    expect(server.output()).not.toContain('ada@example.com');
  });

  test('does not prevent the server from exiting if it never ends, and is then logged', async () => {
    const server = await start();
    expect((await new Api(server.baseUrl).get('/test-late/endless')).status).toBe(204);
    const told = Date.now();
    server.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(Date.now() - told).toBeLessThan(10_000);
    expect(server.output()).toContain('"event":"stopped_with_work_open"');
  });
});

test('a Worker continues the work of a request after its response, and logs a failure', async () => {
  const worker = await startWorker('test/support/late-work/worker.ts');
  onTestFinished(() => worker.stop());
  const api = new Api(worker.baseUrl);
  // Two concurrent requests, each with its own execution context, although the isolate has only one app.
  const answers = await Promise.all([api.get('/test-late/done'), api.get('/test-late/done')]);
  expect(answers.map(({ status }) => status)).toEqual([204, 204]);
  expect(worker.output()).not.toContain('late_work_done');
  const done = () => worker.output().split('"event":"late_work_done"').length - 1;
  await expect.poll(done, { timeout: 10_000 }).toBe(2);

  await api.get('/test-late/failed');
  await expect.poll(() => worker.output()).toMatch(FAILED);
});
