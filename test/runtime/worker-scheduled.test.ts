import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { expect, onTestFinished, test } from 'vitest';
import type { Api } from '../support/api.ts';
import { addManySessions, sessionIds } from '../support/old-rows.ts';
import type { RunningProcess } from '../support/process.ts';
import { emptyFolder } from '../support/server.ts';
import { startSqld } from '../support/targets.ts';
import { MIGRATIONS } from '../support/test-app.ts';
import { bundle, configWithoutAssets, startBundle } from '../support/worker-bundle.ts';

function start(settings: string) {
  const folder = emptyFolder();
  return startBundle(folder, bundle(folder), settings, configWithoutAssets());
}

/** Sends an event of a cron trigger, as workerd does. Returns the outcome. */
const trigger = async (api: Api) => (await api.get('/cdn-cgi/handler/scheduled')).text;

test('a cron trigger runs the housekeeping of the bundle for Workers', async () => {
  const processes: RunningProcess[] = [];
  onTestFinished(async () => {
    for (const running of processes) await running.stop();
  });
  const url = await startSqld(emptyFolder(), processes);
  const client = createClient({ url });
  onTestFinished(() => client.close());
  const db = drizzle({ client });
  await migrate(db, { migrationsFolder: MIGRATIONS });
  await addManySessions(db, 1200, { lastUsedAt: 0, expiresAt: 0 });
  await addManySessions(db, 3, { lastUsedAt: Date.now(), expiresAt: Date.now() + 86_400_000 });

  const settings = `APP_ENV=development\nSECRET_KEY=x\nDATABASE_URL=${url}\n`;
  const { server, api } = await start(settings);
  // This is the first event of the Worker: no request has assembled the app before.
  expect(await trigger(api)).toBe('ok');
  expect(await sessionIds(db)).toHaveLength(3);
  await expect.poll(() => server.output()).toMatch(/"event":"housekeeping","sessions":1200/);
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
