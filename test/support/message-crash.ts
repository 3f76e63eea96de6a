import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { expect, onTestFinished } from 'vitest';
import { CLAIM_MS } from '../../src/features/messages/store.ts';
import { startProvider } from './http-provider.ts';
import { outboxRows } from './outbox.ts';
import { AHEAD_SETTING } from './queueing/ahead.ts';
import { attackSeed, seededNumbers } from './seeded.ts';
import { emptyFolder, QUEUEING_SERVERS, type ServerName, startServer } from './server.ts';

export const WEBHOOK_SECRET = `whsec_${'bXkgc2VjcmV0'.repeat(4)}`;

/** Settings of a server that sends mail to a webhook. */
export const webhookSettings = (url: string) => ({
  MAIL: `webhook:${url}`,
  MAIL_FROM: 'Example <no-reply@example.com>',
  MESSAGE_WEBHOOK_SECRET: WEBHOOK_SECRET,
  SECRET_KEY: 'a secret that outlives its servers',
});

/** Starts a receiver that answers after up to `slowestMs`. Counts the deliveries of each address. */
export async function startReceiver(slowestMs: number, random = Math.random) {
  const deliveries = new Map<string, number>();
  const { url, requests } = await startProvider(async (response, { content }) => {
    const { to }: { to: string } = JSON.parse(content).data;
    deliveries.set(to, (deliveries.get(to) ?? 0) + 1);
    await delay(random() * slowestMs);
    response.writeHead(200).end();
  });
  return { url, requests, deliveries };
}

const CLIENTS = 3;
const LONGEST_ROUND_MS = 400;

/**
 * Kills a server repeatedly while it queues and sends messages, at seeded random moments. Every message whose request was
 * answered must arrive: once, or twice if the server died while it was sent.
 */
export async function killWhileSending(name: ServerName, rounds: number): Promise<void> {
  const seed = attackSeed();
  console.log(`${name}: the seed of the kills is ${seed}`);
  const random = seededNumbers(seed);
  const receiver = await startReceiver(40, random);
  const folder = emptyFolder();
  const url = `file:${join(folder, 'x.db')}`;
  const client = createClient({ url, timeout: 5000 });
  onTestFinished(() => client.close());
  const db = drizzle({ client });
  const settings = { ...webhookSettings(receiver.url), DATABASE_URL: url };
  const acknowledged: string[] = [];

  async function queueUntilKilled(baseUrl: string, prefix: string): Promise<void> {
    for (let i = 0; ; i++) {
      const to = `${prefix}-${i}@example.com`;
      try {
        const path = `/test-messages?to=${encodeURIComponent(to)}`;
        const { status } = await fetch(`${baseUrl}${path}`, { method: 'POST' });
        if (status === 204) acknowledged.push(to);
      } catch {
        return;
      }
    }
  }

  for (let round = 0; round <= rounds; round++) {
    const ahead = { [AHEAD_SETTING]: String(round * (CLAIM_MS + 1000)) };
    const server = await startServer(name, folder, { ...settings, ...ahead }, QUEUEING_SERVERS);
    // Whatever the killed server had claimed is sent now, by the sweep.
    const waiting = async () =>
      (await outboxRows(db)).filter(({ state }) => state === 'waiting').length;
    await expect.poll(waiting, { timeout: 15_000 }).toBe(0);
    if (round === rounds) {
      await server.stop();
      break;
    }
    const clients = Array.from({ length: CLIENTS }, (_, i) =>
      queueUntilKilled(server.baseUrl, `r${round}-c${i}`),
    );
    const before = acknowledged.length;
    while (acknowledged.length === before) await delay(5);
    await delay(random() * LONGEST_ROUND_MS);
    server.kill('SIGKILL');
    expect(await server.exit).toBe('SIGKILL');
    await Promise.all(clients);
  }

  const counts = acknowledged.map((to) => receiver.deliveries.get(to) ?? 0);
  expect(counts.filter((count) => count === 0)).toEqual([]);
  expect([...receiver.deliveries.values()].filter((count) => count > 2)).toEqual([]);
  console.log(
    `${name}: ${acknowledged.length} messages, ${counts.filter((count) => count === 2).length} of them sent twice`,
  );
}
