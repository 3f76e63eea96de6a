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
/** The machine may be busy: one undisturbed round is enough. */
const ROUNDS = 5;

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
  const growths: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.memoryUsage().heapUsed;
    const response = await app.request('/profile/me/export', { headers: bearer(token) });
    expect(response.status).toBe(200);
    const histogram = monitorEventLoopDelay({ resolution: 1 });
    histogram.enable();
    let bytes = 0;
    let peak = 0;
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      bytes += part.length;
      peak = Math.max(peak, process.memoryUsage().heapUsed);
    }
    histogram.disable();
    expect(bytes).toBeGreaterThan(EVENTS * 250);
    delays.push(histogram.max / 1e6);
    growths.push((peak - before) / 2 ** 20);
  }
  console.log(`longest delays in ms: ${delays.map((delay) => delay.toFixed(1)).join(', ')}`);
  console.log(`growth in MB: ${growths.map((growth) => growth.toFixed(0)).join(', ')}`);
  expect(Math.min(...delays)).toBeLessThan(MAX_DELAY_MS);
  expect(Math.min(...growths)).toBeLessThan(MAX_GROWTH_MB);
});
