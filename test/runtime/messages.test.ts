import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Api } from '../support/api.ts';
import { killWhileSending, startReceiver, webhookSettings } from '../support/message-crash.ts';
import { outboxRows } from '../support/outbox.ts';
import { emptyFolder, LONG_TESTED, QUEUEING_SERVERS, startServer } from '../support/server.ts';
import { startWorker } from '../support/targets.ts';

const SOON = { timeout: 10_000 };

const queue = async (api: Api, to: string, kick = 'yes'): Promise<void> => {
  const path = `/test-messages?to=${encodeURIComponent(to)}&kick=${kick}`;
  const { status, text } = await api.request('POST', path);
  expect([status, text]).toEqual([204, '']);
};

describe.each(LONG_TESTED)('messages of a server on %s', (name) => {
  test('are sent at once after their request, or by the sweep; the log has none of their content', async () => {
    const { url, deliveries, requests } = await startReceiver(0);
    const settings = { ...webhookSettings(url), LOG_LEVEL: 'debug' };
    const server = await startServer(name, emptyFolder(), settings, QUEUEING_SERVERS);
    const api = new Api(server.baseUrl);
    await queue(api, 'kicked@example.com');
    await queue(api, 'swept@example.com', 'no');
    await expect.poll(() => deliveries.size, SOON).toBe(2);
    expect(requests[0]?.headers['user-agent']).toMatch(/^latchkey\//);
    expect(await server.stop()).toBe(true);
    expect(server.output()).not.toMatch(/kicked@|swept@|token of|123456/);
    expect(server.output()).not.toMatch(/delivery_failed|background_work/);
  });

  test('that are being sent when SIGTERM comes are sent once, and no more are claimed', async () => {
    const { url, deliveries } = await startReceiver(1);
    const slow = await startReceiver(1500, () => 1);
    const folder = emptyFolder();
    const settings = { ...webhookSettings(slow.url), DATABASE_URL: 'file:./x.db' };
    const server = await startServer(name, folder, settings, QUEUEING_SERVERS);
    const api = new Api(server.baseUrl);
    for (let i = 0; i < 20; i++) await queue(api, `a${i}@example.com`);
    await expect.poll(() => slow.deliveries.size, SOON).toBeGreaterThan(0);
    server.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(server.output()).not.toContain('stopped_with');
    expect(slow.deliveries.size).toBeLessThanOrEqual(10);
    expect([...slow.deliveries.values()].every((count) => count === 1)).toBe(true);

    // The next start sends the rest, and nothing again.
    const next = { ...webhookSettings(url), DATABASE_URL: 'file:./x.db' };
    await startServer(name, folder, next, QUEUEING_SERVERS);
    await expect.poll(() => deliveries.size, SOON).toBe(20 - slow.deliveries.size);
    const all = [...deliveries.keys(), ...slow.deliveries.keys()];
    expect(new Set(all).size).toBe(20);
  });
});

test('two servers on one database send each message once', async () => {
  const { url, deliveries } = await startReceiver(30);
  const database = `file:${join(emptyFolder(), 'x.db')}`;
  const settings = { ...webhookSettings(url), DATABASE_URL: database };
  const servers = [
    await startServer('node', emptyFolder(), settings, QUEUEING_SERVERS),
    await startServer('bun', emptyFolder(), settings, QUEUEING_SERVERS),
  ];
  const apis = servers.map(({ baseUrl }) => new Api(baseUrl));
  const addresses = Array.from({ length: 120 }, (_, i) => `a${i}@example.com`);
  await Promise.all(
    apis.map(async (api, half) => {
      for (const [i, to] of addresses.entries()) {
        if (i % 2 === half) await queue(api, to, i % 3 === 0 ? 'no' : 'yes');
      }
    }),
  );
  await expect.poll(() => deliveries.size, SOON).toBe(addresses.length);
  for (const server of servers) await server.stop();
  expect([...deliveries.values()].filter((count) => count !== 1)).toEqual([]);
  const client = createClient({ url: database });
  onTestFinished(() => client.close());
  const rows = await outboxRows(drizzle({ client }));
  expect(rows.every(({ state, sealed }) => state === 'sent' && sealed === null)).toBe(true);
});

test(
  'a message whose request was answered is never lost, and sent twice at most: five kills',
  {
    timeout: 120_000,
  },
  () => killWhileSending('node', 5),
);

describe('messages of a Worker', () => {
  test('are sent at once after their request', async () => {
    const { url, deliveries } = await startReceiver(0);
    const worker = await startWorker('test/support/queueing/worker.ts', webhookSettings(url));
    onTestFinished(() => worker.stop());
    const api = new Api(worker.baseUrl);
    await Promise.all([0, 1, 2].map((i) => queue(api, `a${i}@example.com`)));
    await expect.poll(() => deliveries.size, SOON).toBe(3);
    expect([...deliveries.values()]).toEqual([1, 1, 1]);
  });

  test('are printed in development, and listed for a program of this machine', async () => {
    const worker = await startWorker('test/support/queueing/worker.ts');
    onTestFinished(() => worker.stop());
    const api = new Api(worker.baseUrl);
    await queue(api, 'ada@example.com');
    await expect.poll(() => worker.output(), SOON).toContain('To: ada@example.com');
    const list = await api.get('/dev/messages');
    expect([list.status, list.headers.get('Cache-Control')]).toEqual([200, 'no-store']);
    expect(list.body).toMatchObject([{ to: 'ada@example.com' }]);
  });
});
