import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { expect, onTestFinished, test } from 'vitest';
import type { Api } from '../support/api.ts';
import { startReceiver, webhookSettings } from '../support/message-crash.ts';
import { addManySessions, sessionIds } from '../support/old-rows.ts';
import { addUser, MINUTE, openOutbox, queue, resetMessage } from '../support/outbox.ts';
import type { RunningProcess } from '../support/process.ts';
import { emptyFolder } from '../support/server.ts';
import { startSqld } from '../support/sqld.ts';
import { MIGRATIONS } from '../support/test-app.ts';
import { configWithoutAssets, startBundle } from '../support/worker-bundle.ts';

function start(settings: string) {
  return startBundle(settings, configWithoutAssets());
}

/** An event of a cron trigger, as workerd gives it. Answers with the outcome. */
const trigger = async (api: Api, cron = '17 * * * *') =>
  (await api.get(`/cdn-cgi/handler/scheduled?cron=${encodeURIComponent(cron)}`)).text;

/** A migrated libSQL server. */
async function openServer() {
  const processes: RunningProcess[] = [];
  onTestFinished(async () => {
    for (const running of processes) await running.stop();
  });
  const url = await startSqld(emptyFolder(), processes);
  const client = createClient({ url });
  onTestFinished(() => client.close());
  const db = drizzle({ client });
  await migrate(db, { migrationsFolder: MIGRATIONS });
  return { db, url };
}

test('a cron trigger has the bundle for Workers do the housekeeping', async () => {
  const { db, url } = await openServer();
  await addManySessions(db, 1200, { lastUsedAt: 0, expiresAt: 0 });
  await addManySessions(db, 3, { lastUsedAt: Date.now(), expiresAt: Date.now() + 86_400_000 });

  const settings = `APP_ENV=development\nSECRET_KEY=x\nDATABASE_URL=${url}\n`;
  const { server, api } = await start(settings);
  // This is the first event of the Worker: no request has assembled the app before.
  expect(await trigger(api)).toBe('ok');
  expect(await sessionIds(db)).toHaveLength(3);
  await expect.poll(() => server.output()).toMatch(/"event":"housekeeping","sessions":1200/);
});

test('the cron trigger of each minute sends at most twenty messages and does no housekeeping; the other does both', async () => {
  const { db, url } = await openServer();
  const receiver = await startReceiver(0);
  const outbox = await openOutbox(db, Date.now, ['x']);
  const recipient = { userId: await addUser(db), expiresAt: Date.now() + 15 * MINUTE };
  for (let i = 0; i < 30; i++)
    await queue(db, outbox, resetMessage(`a${i}@example.com`), recipient);
  await addManySessions(db, 3, { lastUsedAt: 0, expiresAt: 0 });
  const all = { APP_ENV: 'development', DATABASE_URL: url, ...webhookSettings(receiver.url) };
  const settings = Object.entries({ ...all, SECRET_KEY: 'x' });
  const { server, api } = await start(settings.map((pair) => `${pair.join('=')}\n`).join(''));
  expect(await trigger(api, '* * * * *')).toBe('ok');
  expect([receiver.deliveries.size, (await sessionIds(db)).length]).toEqual([20, 3]);
  expect(await trigger(api)).toBe('ok');
  expect([receiver.deliveries.size, (await sessionIds(db)).length]).toEqual([30, 0]);
  expect([...receiver.deliveries.values()].every((count) => count === 1)).toBe(true);
  expect(server.output()).not.toMatch(/delivery_failed|a0@/);
});

test('a Worker with MAIL=smtp answers 503 and names MAIL in its log', async () => {
  const mail = 'MAIL=smtp://u:recognisable@mail.example\nMAIL_FROM=a@example.com\n';
  const { server, api } = await start(`APP_ENV=development\nSECRET_KEY=x\n${mail}`);
  expect((await api.get('/healthz')).status).toBe(503);
  await expect.poll(() => server.output()).toContain('MAIL: must not be SMTP on Workers');
  expect(server.output()).not.toContain('recognisable');
});

test('a cron trigger on a database that is not migrated logs an error, and the Worker keeps running', async () => {
  const { server, api } = await start('APP_ENV=development\nSECRET_KEY=x\n');
  expect(await trigger(api)).toBe('ok');
  await expect.poll(() => server.output()).toMatch(/housekeeping_failed.*no such table/);
  expect((await api.get('/healthz')).status).toBe(200);
});

test('[S10] a cron trigger of a Worker with invalid settings names the settings in the log', async () => {
  const settings = 'SECRET_KEY="recognisable"\nSEED_DEMO_USER="true"\n';
  const { server, api } = await start(settings);
  expect(await trigger(api)).toBe('ok');
  for (const key of ['SEED_DEMO_USER', 'SECRET_KEY']) {
    await expect.poll(() => server.output()).toContain(`${key}: `);
  }
  expect(server.output()).not.toContain('recognisable');
});
