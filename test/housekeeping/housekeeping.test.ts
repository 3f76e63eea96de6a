import { createClient, type InArgs } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createApp, featuresOf } from '../../src/app.ts';
import { createSealer } from '../../src/core/crypto/sealer.ts';
import { rateLimits } from '../../src/core/db/schema.ts';
import type { Feature } from '../../src/core/http/feature.ts';
import type { Job } from '../../src/core/job.ts';
import { createAuditStore } from '../../src/features/audit/store.ts';
import { createHousekeeping } from '../../src/features/housekeeping/housekeeping.ts';
import { createOutbox, OUTBOX_PURPOSE } from '../../src/features/messages/store.ts';
import { createNetworkStore } from '../../src/features/networks/store.ts';
import { createCredentialStore } from '../../src/features/passwords/store.ts';
import { createSessionStore } from '../../src/features/sessions/store.ts';
import { assemble } from '../../src/start-up.ts';
import {
  addEvents,
  addManySessions,
  eventTimes,
  removed,
  sessionIds,
} from '../support/old-rows.ts';
import { createTestApp, form, MIGRATIONS, newUser } from '../support/test-app.ts';

const ENDED = { lastUsedAt: 0, expiresAt: 0 };

const jobsOf = (features: readonly Feature[]) => features.flatMap(({ jobs = [] }) => jobs);

/** Creates a housekeeping whose statements are counted per job. */
async function counted(settings: Record<string, string> = {}) {
  const app = await createTestApp(settings);
  const batches: { job: string; limit: number; count: number }[] = [];
  const jobs = jobsOf(featuresOf(app.deps)).map(({ name, removeSome }) => ({
    name,
    async removeSome(limit: number) {
      const count = await removeSome(limit);
      batches.push({ job: name, limit, count });
      return count;
    },
  }));
  return { ...app, batches, jobs, housekeeping: createHousekeeping({ jobs, log: app.deps.log }) };
}

const parsed = (logs: readonly string[]) => logs.map((line) => JSON.parse(line));

describe('a run', () => {
  test('deletes 2,500 rows in batches of 500', async () => {
    const { db, batches, housekeeping } = await counted();
    await addManySessions(db, 2500, ENDED);
    expect(await housekeeping.run()).toEqual(removed({ sessions: 2500 }));
    expect(batches.map(({ job, limit, count }) => [job, limit, count])).toEqual([
      ...Array(5).fill(['sessions', 500, 500]),
      ['sessions', 500, 0],
      ['known_devices', 500, 0],
      ['avatars', 500, 0],
      ['unfolded_names', 500, 0],
      ['deleted_account_events', 500, 0],
      ['deleted_accounts', 500, 0],
      ['codes', 500, 0],
      ['reserved_addresses', 500, 0],
      ['rate_limits', 500, 0],
      ['audit_events', 500, 0],
      ['refused_logins', 500, 0],
      ['login_failures', 500, 0],
      ['known_networks', 500, 0],
      ['messages', 500, 0],
    ]);
  });

  test.each([1, 6, 7, 40])(
    'with %d jobs, ends after 900 statements, divided equally; the next run continues',
    async (count) => {
      const { deps, logs } = await createTestApp();
      const share = Math.floor(900 / count);
      let statements = 0;
      const jobs = Array.from({ length: count }, (_, index) => {
        let left = (share + 1) * 500;
        return {
          name: `rows${index}`,
          async removeSome(limit: number) {
            const removed = Math.min(limit, left);
            left -= removed;
            statements += 1;
            return removed;
          },
        };
      });
      const { run } = createHousekeeping({ jobs, log: deps.log });
      vi.useFakeTimers();
      onTestFinished(() => void vi.useRealTimers());
      for (const [rows, complete] of [
        [share * 500, false],
        [500, true],
      ] as const) {
        statements = 0;
        const running = run();
        await vi.advanceTimersByTimeAsync(60_000);
        const counts = Object.fromEntries(jobs.map(({ name }) => [name, rows]));
        expect(await running).toEqual(counts);
        expect(statements).toBeLessThanOrEqual(900);
        expect(parsed(logs).at(-1)).toMatchObject({ ...counts, complete });
      }
    },
  );

  test('when aborted, ends before its next statement, or at once during a pause; the next run continues', async () => {
    const { db, batches, jobs, deps, tick } = await counted();
    await addManySessions(db, 1200, ENDED);
    await addEvents(db, 3, 0);
    const stop = new AbortController();
    const stopping = jobs.map((job) => ({
      ...job,
      async removeSome(limit: number) {
        const count = await job.removeSome(limit);
        if (batches.length === 1) setTimeout(() => stop.abort(), 5);
        return count;
      },
    }));
    const { run } = createHousekeeping({ jobs: stopping, log: deps.log });
    expect(await run(stop.signal)).toEqual(removed({ sessions: 500 }));
    expect(batches).toHaveLength(1);
    expect(await sessionIds(db)).toHaveLength(700);
    expect(await tick()).toEqual(removed({ sessions: 700, audit_events: 3 }));
  });

  test('when aborted before its start, runs no statement', async () => {
    const { db, batches, housekeeping } = await counted();
    await addManySessions(db, 1, ENDED);
    expect(await housekeeping.run(AbortSignal.abort())).toEqual(removed({}));
    expect(batches).toEqual([]);
  });

  test('lets requests run between two statements', async () => {
    const { app, db, batches, housekeeping } = await counted();
    await addManySessions(db, 2500, ENDED);
    const run = housekeeping.run();
    expect((await app.request('/readyz')).status).toBe(200);
    expect(batches.length).toBeLessThan(5);
    await run;
  });

  test('logs one line: at level info if it has deleted rows, otherwise at level debug', async () => {
    const { db, logs, housekeeping } = await counted({ LOG_LEVEL: 'debug' });
    await addEvents(db, 2, 0);
    await housekeeping.run();
    await housekeeping.run();
    expect(parsed(logs)).toMatchObject([
      {
        level: 'info',
        event: 'housekeeping',
        sessions: 0,
        rate_limits: 0,
        audit_events: 2,
        complete: true,
      },
      {
        level: 'debug',
        event: 'housekeeping',
        sessions: 0,
        rate_limits: 0,
        audit_events: 0,
        complete: true,
      },
    ]);
  });
});

describe('an error of the database', () => {
  test('is logged without values, does not affect the other jobs, and the next run works', async () => {
    const { db, tick: run, logs } = await createTestApp();
    await addManySessions(db, 2, ENDED);
    await addEvents(db, 2, 0);
    await db.run('alter table sessions rename to away');
    expect(await run()).toEqual(removed({ audit_events: 2 }));
    const error = expect.stringContaining('no such table');
    expect(parsed(logs)).toMatchObject([
      { level: 'error', event: 'housekeeping_failed', job: 'sessions', error },
      { level: 'info', event: 'housekeeping', complete: false },
    ]);
    expect(logs.join()).not.toMatch(/delete from|params/i);
    await db.run('alter table away rename to sessions');
    expect(await run()).toEqual(removed({ sessions: 2 }));
  });

  test('because it is closed does not cause a rejection', async () => {
    const { tick, logs, closeDatabase } = await createTestApp();
    closeDatabase();
    expect(await tick()).toEqual(removed({}));
    // One per job, and one of the delivery.
    expect(logs).toHaveLength(14);
  });
});

test('housekeeping runs the jobs of the app’s features, each of which is created once', async () => {
  const { deps } = await createTestApp();
  let jobs: readonly Job[] = [];
  const { tick } = assemble(deps, (theDeps, features = []) => {
    jobs = jobsOf(features);
    return createApp(theDeps, features);
  });
  expect(jobs.length).toBeGreaterThan(5);
  const spies = jobs.map((job) => vi.spyOn(job, 'removeSome'));
  for (const runs of [1, 2]) {
    await tick();
    expect(spies.map(({ mock }) => mock.calls.length)).toEqual(jobs.map(() => runs));
  }
});

test('new rows are not deleted: the session stays live, and the events remain', async () => {
  const { app, tick, db, advance } = await createTestApp();
  const { token } = await newUser(app);
  const isIn = async () =>
    (await app.request('/profile/me', { headers: { Authorization: `Bearer ${token}` } })).status;
  expect(await tick()).toEqual(removed({}));
  expect(await isIn()).toBe(200);
  advance(180 * 86_400);
  expect(await tick()).toEqual(removed({ sessions: 1, known_devices: 1, audit_events: 2 }));
  expect([await sessionIds(db), await eventTimes(db)]).toEqual([[], []]);
});

test('expired rows are found by an index, without a table scan', async () => {
  const client = createClient({ url: ':memory:' });
  await migrate(drizzle({ client }), { migrationsFolder: MIGRATIONS });
  const statements: { sql: string; args: InArgs }[] = [];
  const logger = {
    logQuery: (sql: string, args: unknown[]) =>
      void statements.push({ sql, args: args.map(Number) }),
  };
  const db = drizzle({ client, logger });
  const lifetime = { idle: 1, absolute: 1 };
  const endChanges = () => {
    throw new Error('not used');
  };
  const options = { lifetime, grace: 0, refreshQuota: null, clock: () => 0, endChanges };
  await createSessionStore(db, options).removeEnded(500);
  const audit = createAuditStore(db, () => 0);
  await audit.removeUntil(0, 500);
  await audit.removeRefusalsUntil(0, 500);
  await createCredentialStore(db, () => 0).removeOldFailures(500);
  await createNetworkStore(db, () => 0).removeOld(500);
  await createOutbox(db, await createSealer(['x'], OUTBOX_PURPOSE), () => 0).removeOld(500);
  expect(statements).toHaveLength(6);
  for (const { sql, args } of statements) {
    const plan = await client.execute({ sql: `explain query plan ${sql}`, args });
    const steps = plan.rows.map(({ detail }) => String(detail));
    expect(steps).toContainEqual(expect.stringMatching(/^SEARCH/));
    expect(steps.filter((step) => step.startsWith('SCAN'))).toEqual([]);
  }
  client.close();
});

test('rate limit counters are deleted when their window has ended, not earlier', async () => {
  const { db, advance, housekeeping, deps } = await counted();
  const quota = { count: 1, seconds: 60 };
  await deps.rateLimits.take([{ name: 'login', key: 'early', quota }]);
  advance(30);
  await deps.rateLimits.take([{ name: 'login', key: 'late', quota }]);
  const keys = async () =>
    (await db.select({ key: rateLimits.key }).from(rateLimits)).map(({ key }) => key);
  advance(29);
  expect([(await housekeeping.run()).rate_limits, await keys()]).toEqual([0, ['early', 'late']]);
  advance(1);
  expect([(await housekeeping.run()).rate_limits, await keys()]).toEqual([1, ['late']]);
});

test('[S48] counts of rejected logins are deleted with the audit log; known networks, devices and login failures after their own retention', async () => {
  const { app, advance, housekeeping } = await counted({ SESSION_ABSOLUTE_DAYS: '365' });
  const { email: username, password } = await newUser(app);
  const logIn = (clientAddress: string, fields: Record<string, string>) =>
    app.request('/auth/login', form({ username, password, ...fields }), { clientAddress });
  expect((await logIn('198.51.100.1', {})).status).toBe(200);
  expect((await logIn('198.51.100.2', { password: 'wrong' })).status).toBe(400);
  expect((await logIn('198.51.100.2', { username: 'no@example.com' })).status).toBe(400);
  const days = async (count: number) => {
    advance(count * 86_400);
    const { sessions: _, audit_events: __, ...rest } = await housekeeping.run();
    return Object.entries(rest).filter(([, rows]) => rows > 0);
  };
  expect(await days(29)).toEqual([]);
  expect(await days(1)).toEqual([['login_failures', 1]]);
  expect(await days(59)).toEqual([]);
  expect(await days(1)).toEqual([
    ['known_devices', 2],
    ['known_networks', 1],
  ]);
  expect(await days(89)).toEqual([]);
  expect(await days(2)).toEqual([['refused_logins', 1]]);
});
