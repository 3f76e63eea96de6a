import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isLoggedIn, logIn } from '../conformance/session-client.ts';
import { Api } from '../support/api.ts';
import { TimedApi } from '../support/movable-clock/api.ts';
import { SCHEDULED_PATH } from '../support/movable-clock/header.ts';
import { addEvents, addManySessions, eventTimes, sessionIds } from '../support/old-rows.ts';
import {
  BRISK_SERVERS,
  emptyFolder,
  LONG_TESTED,
  type ServerName,
  startServer,
} from '../support/server.ts';
import { startTimedTarget, type TargetName } from '../support/targets.ts';

const DAY = 86_400;
const MILLISECOND = 0.001;
const ENDED = { lastUsedAt: 0, expiresAt: 0 };

/** Starts a server whose housekeeping runs all the time. Opens its database as another process would. */
async function startBrisk(name: ServerName, folder = emptyFolder()) {
  const url = `file:${join(folder, 'latchkey.db')}`;
  const settings = { DATABASE_URL: url, SEED_DEMO_USER: 'false' };
  const server = await startServer(name, folder, settings, BRISK_SERVERS);
  const client = createClient({ url, timeout: 5000 });
  onTestFinished(() => client.close());
  return { server, folder, db: drizzle({ client }), api: new Api(server.baseUrl) };
}

const SOON = { timeout: 10_000, interval: 50 };

describe.each(LONG_TESTED)('housekeeping of a server on %s', (name) => {
  test('deletes expired rows by its timer, run after run, and nothing else', async () => {
    const { server, db, api } = await startBrisk(name);
    const account = await api.newAccount();
    for (let run = 0; run < 2; run++) {
      await addManySessions(db, 600, ENDED);
      await addEvents(db, 600, 0);
      await expect.poll(async () => (await sessionIds(db)).length, SOON).toBe(1);
      // The events of the sign-up and the login remain.
      await expect.poll(async () => (await eventTimes(db)).length, SOON).toBe(2);
    }
    expect(await isLoggedIn(api, account)).toBe(true);
    expect(server.output()).toMatch(/"level":"info","event":"housekeeping","sessions":\d/);
    expect(server.output()).not.toContain('housekeeping_failed');
  });

  test('logs an error of the database, and works again afterwards', async () => {
    const { server, db, api } = await startBrisk(name);
    await db.run('alter table audit_events rename to away');
    await expect.poll(() => server.output(), SOON).toMatch(/housekeeping_failed.*audit_events/);
    expect((await api.get('/readyz')).status).toBe(200);
    await db.run('alter table away rename to audit_events');
    await addEvents(db, 3, 0);
    await expect.poll(() => eventTimes(db), SOON).toEqual([]);
  });

  test('[S37] on SIGTERM during a run, ends the run; the next start continues', async () => {
    const { server, folder, db } = await startBrisk(name);
    await addManySessions(db, 30_000, ENDED);
    await expect.poll(async () => (await sessionIds(db)).length, SOON).toBeLessThan(30_000);
    const told = Date.now();
    server.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(Date.now() - told).toBeLessThan(5000);
    expect(server.output()).toMatch(/"event":"housekeeping".*"complete":false/);
    expect(server.output()).not.toMatch(/housekeeping_failed|stopped_with_requests_open/);
    expect((await sessionIds(db)).length).toBeGreaterThan(0);

    await startBrisk(name, folder);
    await expect.poll(() => sessionIds(db), { timeout: 30_000, interval: 200 }).toEqual([]);
  });
});

describe.each<TargetName>(['workerd-d1', 'workerd-libsql'])('housekeeping on %s', (name) => {
  /** Runs the scheduled handler as Cloudflare's cron trigger does, at the API's time. */
  const trigger = async (api: TimedApi): Promise<void> => {
    expect((await api.get(SCHEDULED_PATH)).status).toBe(204);
  };

  test('the scheduled handler deletes sessions and events when they expire, not earlier', async () => {
    const settings = {
      SESSION_IDLE_DAYS: '2',
      AUDIT_RETENTION_DAYS: '10',
      ACCESS_TOKEN_EXPIRE_MINUTES: '43200',
    };
    const target = await startTimedTarget(name, settings);
    onTestFinished(() => target.stop());
    const api = new TimedApi(target.baseUrl);
    const account = await api.newAccount();
    api.advance(MILLISECOND);
    const later = await logIn(api, account);

    // When the clock is set back before the end of a session, a row that still exists is visible again.
    api.advance(2 * DAY - 2 * MILLISECOND);
    await trigger(api);
    expect(await isLoggedIn(api, later)).toBe(true);
    const alive = await logIn(api, account);
    api.advance(MILLISECOND);
    await trigger(api);
    api.advance(-MILLISECOND);
    expect([await isLoggedIn(api, account), await isLoggedIn(api, later)]).toEqual([false, true]);
    // Polls, because the output of a Worker passes through wrangler and arrives later.
    await expect
      .poll(() => target.output())
      .toMatch(/"event":"housekeeping","sessions":1,.*"rate_limits":\d+,"audit_events":0/);

    const activity = async () =>
      ((await api.get('/auth/activity', alive.bearer)).at('events') as unknown[]).length;
    expect(await activity()).toBe(4);
    for (let day = 3; day < 10; day++) {
      api.advance(DAY);
      expect(await isLoggedIn(api, alive)).toBe(true);
    }
    api.advance(DAY);
    await trigger(api);
    expect(await activity()).toBe(4);
    api.advance(MILLISECOND);
    await trigger(api);
    // The events of the sign-up and the first login are gone. The second login was a millisecond later.
    expect(await activity()).toBe(2);
    expect(target.output()).not.toMatch(/housekeeping_failed|internal_error/);
  });
});
