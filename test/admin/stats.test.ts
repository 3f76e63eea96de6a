import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { auditEvents, outbox, sessions } from '../../src/core/db/schema.ts';
import { createStatsReader } from '../../src/features/admin/stats-store.ts';
import { addEventRows, addPeople } from '../support/people.ts';
import { bearer, createTestApp, form, json, newUser } from '../support/test-app.ts';

const DAY_MS = 86_400_000;

describe('the numbers', () => {
  test('of days are those of the rows', async () => {
    const { db, deps } = await createTestApp();
    const now = deps.clock();
    const today = now - (now % DAY_MS);
    // On both sides of the limits of each day.
    const times = Array.from({ length: 32 }, (_, ago) => today - ago * DAY_MS).flatMap((start) => [
      start - 1,
      start,
      start + 1,
    ]);
    const actions = ['signup', 'login', 'lockout', 'logout'];
    await addEventRows(
      db,
      times.flatMap((at, i) =>
        Array.from({ length: 1 + (i % 4) }, (_, j) => ({
          at,
          action: actions[(i + j) % 4] ?? '',
          outcome: (i + j) % 3 ? ('success' as const) : ('failure' as const),
        })),
      ),
    );
    const [userId = 0] = await addPeople(db, [{}]);
    const { idle } = deps.config.sessionLifetime;
    const ofSession = { userId, rotatedAt: 0, createdAt: 0, method: 'password' };
    for (const [i, lastUsedAt] of [...times, now - idle, now - idle + 1].entries()) {
      const expiresAt = i % 3 ? now + 1 : now;
      await db.insert(sessions).values({ ...ofSession, id: `s${i}`, lastUsedAt, expiresAt });
    }
    const events = await db.select().from(auditEvents);
    const live = (await db.select().from(sessions)).filter(
      ({ lastUsedAt, expiresAt }) => lastUsedAt > now - idle && expiresAt > now,
    );
    for (const days of [1, 2, 14, 30]) {
      const { days: read } = await createStatsReader(deps).read(days);
      const expected = Array.from({ length: days }, (_, i) => {
        const start = today - (days - 1 - i) * DAY_MS;
        const isIn = (at: number) => at >= start && at < start + DAY_MS;
        const count = (action: string, outcome: string) =>
          events.filter((row) => isIn(row.at) && row.action === action && row.outcome === outcome)
            .length;
        return {
          day: new Date(start).toISOString().slice(0, 10),
          signUps: count('signup', 'success'),
          logIns: count('login', 'success'),
          failedLogIns: count('login', 'failure'),
          lockouts: count('lockout', 'success'),
          activeSessions: live.filter(({ lastUsedAt }) => isIn(lastUsedAt)).length,
        };
      });
      expect(read).toEqual(expected);
    }
  });

  test('of messages are those of the outbox, without decoys', async () => {
    const { db, deps } = await createTestApp();
    const counts = { waiting: 2, sent: 3, rejected: 1, dead: 4, decoy: 5 } as const;
    const rest = {
      kind: 'verify',
      channel: 'email',
      notBefore: 0,
      createdAt: 0,
      expiresAt: 0,
    } as const;
    for (const state of Object.keys(counts) as (keyof typeof counts)[]) {
      for (let i = 0; i < counts[state]; i++) {
        await db.insert(outbox).values({ ...rest, id: `${state}${i}`, state });
      }
    }
    const { messages } = await createStatsReader(deps).read(1);
    expect(messages).toEqual({ waiting: 2, sent: 3, rejected: 1, dead: 4 });
  });

  test('follow what happens: a sign-up, a login, a rejected login, a lockout, a logout', async () => {
    const { app, deps } = await createTestApp();
    const stats = createStatsReader(deps);
    const today = async () => (await stats.read(1)).days[0];
    const { token, email: username } = await newUser(app);
    expect(await today()).toMatchObject({
      signUps: 1,
      logIns: 1,
      failedLogIns: 0,
      lockouts: 0,
      activeSessions: 1,
    });
    for (let i = 0; i < 10; i++) {
      await app.request('/auth/login', form({ username, password: 'wrong' }));
    }
    const counts = await today();
    expect(counts).toMatchObject({ logIns: 1, lockouts: 1 });
    expect(counts?.failedLogIns).toBeGreaterThan(0);
    await app.request('/auth/logout', json('POST', {}, bearer(token)));
    expect(await today()).toMatchObject({ activeSessions: 0 });
  });

  test('let other work run between two days', async () => {
    const { db, deps } = await createTestApp();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await createStatsReader(deps).read(30);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
    expect(await db.get(sql`select 1`)).toBeDefined();
  });
});
