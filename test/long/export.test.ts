import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { createDeps } from '../../src/deps.ts';
import { createEmbeddedClient } from '../../src/runtime/databases/embedded-client.ts';
import { emptyFolder } from '../support/server.ts';
import { bearer, createTestApp, MIGRATIONS, newUser } from '../support/test-app.ts';

const EVENTS = 100_000;
const MAX_DELAY_MS = 20;
const MAX_GROWTH_MB = 80;
/** The machine may be busy: one undisturbed round is enough, or one that is no worse than an idle loop. */
const ROUNDS = 5;

/** The longest delay of the event loop while a task runs, in milliseconds. */
async function longestDelay(task: () => Promise<unknown>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await task();
  histogram.disable();
  return histogram.max / 1e6;
}

test(`an export of ${EVENTS} events blocks the event loop for less than ${MAX_DELAY_MS} ms, and holds a page at a time`, async () => {
  const client = createEmbeddedClient(join(emptyFolder(), 'test.db'));
  onTestFinished(() => client.close());
  await migrate(drizzle({ client }), { migrationsFolder: MIGRATIONS });
  const { lookUp } = client;
  const db = Object.assign(drizzle({ client }), { lookUp });
  const { deps } = await createTestApp();
  const { bodyLimits: _, floodGate: __, ...platform } = deps;
  const app = createApp(
    await createDeps(deps.config, {
      ...platform,
      db,
      fetch: async () => {
        throw new Error('nothing is fetched');
      },
    }),
  );
  const { id, token } = await newUser(app);
  await db.run(
    sql`insert into audit_events (at, subject_id, action, outcome, address, user_agent, request_id, detail)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${EVENTS})
      select i, ${id}, 'login', 'success', '203.0.113.7', ${'x'.repeat(128)}, 'request-' || i, '{"session":"x3JkzI6Qb3mCz0mYk2v9bA"}' from n`,
  );
  const delays: number[] = [];
  const idles: number[] = [];
  const growths: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.memoryUsage().heapUsed;
    const response = await app.request('/profile/me/export', { headers: bearer(token) });
    expect(response.status).toBe(200);
    let bytes = 0;
    let peak = 0;
    const start = performance.now();
    const delay = await longestDelay(async () => {
      for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
        bytes += part.length;
        peak = Math.max(peak, process.memoryUsage().heapUsed);
      }
    });
    const duration = performance.now() - start;
    const idle = await longestDelay(() => new Promise((done) => setTimeout(done, duration)));
    expect(bytes).toBeGreaterThan(EVENTS * 250);
    delays.push(delay);
    idles.push(idle);
    growths.push((peak - before) / 2 ** 20);
  }
  const shown = (values: number[]) => values.map((value) => value.toFixed(1)).join(', ');
  console.log(`longest delays in ms: ${shown(delays)}; of an idle loop: ${shown(idles)}`);
  console.log(`growth in MB: ${shown(growths)}`);
  expect(Math.min(...delays)).toBeLessThan(Math.max(MAX_DELAY_MS, ...idles));
  expect(Math.min(...growths)).toBeLessThan(MAX_GROWTH_MB);
});
