import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { auditEvents, sessions, users } from '../../src/core/db/schema.ts';
import { bearer, createTestApp, form, json, newUser, type TestApp } from '../support/test-app.ts';

const DAY = 86_400;

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

const account = { username: 'ada@example.com', password: 'analytical engine' };

async function start(settings: Record<string, string> = {}) {
  const test = await createTestApp({ ACCESS_TOKEN_EXPIRE_MINUTES: '43200', ...settings });
  await newUser(test.app);
  return test;
}

const logIn = async ({ app }: TestApp): Promise<Tokens> =>
  (await (await app.request('/auth/login', form(account))).json()) as Tokens;

const refresh = async ({ app }: TestApp, token: string) => {
  const answer = await app.request('/auth/refresh', json('POST', { refresh_token: token }));
  return { status: answer.status, ...((await answer.json()) as Tokens) };
};

const status = async ({ app }: TestApp, { access_token }: Tokens) =>
  (await app.request('/profile/me', { headers: bearer(access_token) })).status;

describe('[S19] a session', () => {
  test('ends after SESSION_IDLE_DAYS without use, for both the refresh token and the access token', async () => {
    const test = await start({ SESSION_IDLE_DAYS: '2' });
    const login = await logIn(test);
    test.advance(2 * DAY - 1);
    expect(await status(test, login)).toBe(200);
    test.advance(2 * DAY - 1);
    const again = await refresh(test, login.refresh_token);
    expect(again.status).toBe(200);
    test.advance(2 * DAY);
    expect(await status(test, again)).toBe(401);
    expect((await refresh(test, again.refresh_token)).status).toBe(401);
  });

  test('ends after SESSION_ABSOLUTE_DAYS, however often it is used', async () => {
    const test = await start({ SESSION_ABSOLUTE_DAYS: '3' });
    let tokens = await logIn(test);
    for (let hours = 0; hours < 71; hours++) {
      test.advance(3600);
      tokens = await refresh(test, tokens.refresh_token);
    }
    expect(await status(test, tokens)).toBe(200);
    test.advance(3600);
    expect(await status(test, tokens)).toBe(401);
    expect((await refresh(test, tokens.refresh_token)).status).toBe(401);
  });

  test('is evicted, the oldest first, by a session above SESSION_MAX_PER_USER', async () => {
    const test = await start({ SESSION_MAX_PER_USER: '3' });
    const logins: Tokens[] = [];
    for (let i = 0; i < 5; i++) {
      test.advance(i % 2); // Some sessions begin in the same millisecond.
      logins.push(await logIn(test));
    }
    expect(await Promise.all(logins.map((login) => status(test, login)))).toEqual([
      401, 401, 200, 200, 200,
    ]);
  });

  test('does not count against the limit of another user', async () => {
    const test = await start({ SESSION_MAX_PER_USER: '1' });
    const login = await logIn(test);
    await newUser(test.app, 'eve@example.com');
    expect(await status(test, login)).toBe(200);
  });

  test('has its last use written at most once a minute', async () => {
    const test = await start();
    const login = await logIn(test);
    const lastUse = async () =>
      (await test.db.select({ at: sessions.lastUsedAt }).from(sessions)).map(({ at }) => at);
    const before = await lastUse();
    test.advance(59);
    await status(test, login);
    expect(await lastUse()).toEqual(before);
    test.advance(1);
    await status(test, login);
    expect(await lastUse()).not.toEqual(before);
  });
});

describe('[S22] a replayed ancestor', () => {
  const reuses = async ({ db }: TestApp) =>
    (await db.select({ action: auditEvents.action }).from(auditEvents)).filter(
      ({ action }) => action === 'refresh_reuse',
    ).length;

  /** Creates a session whose first refresh token is neither the newest nor its parent. */
  async function withAncestor(settings: Record<string, string>) {
    const test = await start({ REFRESH_GRACE_SECONDS: '0', ...settings });
    const { refresh_token: ancestor } = await logIn(test);
    const { refresh_token: parent } = await refresh(test, ancestor);
    await refresh(test, parent);
    return { test, ancestor };
  }

  test.each([
    ['SESSION_IDLE_DAYS', { SESSION_IDLE_DAYS: '2' }],
    ['SESSION_ABSOLUTE_DAYS', { SESSION_IDLE_DAYS: '30', SESSION_ABSOLUTE_DAYS: '2' }],
  ])(
    'of a session that has expired by %s is not recorded as refresh_reuse',
    async (_, settings) => {
      const { test, ancestor } = await withAncestor(settings);
      test.advance(2 * DAY);
      // The row still exists, because housekeeping has not run.
      const before = await test.db.select().from(sessions);
      expect((await refresh(test, ancestor)).status).toBe(401);
      expect(await reuses(test)).toBe(0);
      expect(await test.db.select().from(sessions)).toEqual(before);
    },
  );

  test('of a session that is live for one more second ends the session and is recorded', async () => {
    const { test, ancestor } = await withAncestor({ SESSION_IDLE_DAYS: '2' });
    test.advance(2 * DAY - 1);
    const before = await test.db.select().from(sessions);
    expect((await refresh(test, ancestor)).status).toBe(401);
    expect(await reuses(test)).toBe(1);
    expect(await test.db.select().from(sessions)).toHaveLength(before.length - 1);
  });
});

describe('[S22] the grace period', () => {
  test('ends: from then on, the parent ends the session', async () => {
    const test = await start({ REFRESH_GRACE_SECONDS: '10' });
    const { refresh_token: parent } = await logIn(test);
    const newest = await refresh(test, parent);
    test.advance(9);
    expect((await refresh(test, parent)).refresh_token).toBe(newest.refresh_token);
    test.advance(1);
    expect((await refresh(test, parent)).status).toBe(401);
    expect((await refresh(test, newest.refresh_token)).status).toBe(401);
    expect(await status(test, newest)).toBe(401);
  });

  test('is not extended by the use of the parent', async () => {
    const test = await start({ REFRESH_GRACE_SECONDS: '10' });
    const { refresh_token: parent } = await logIn(test);
    await refresh(test, parent);
    for (const expected of [200, 200, 401]) {
      test.advance(4);
      expect((await refresh(test, parent)).status).toBe(expected);
    }
  });

  test('a forged token is rejected without a database request', async () => {
    const test = await start();
    test.closeDatabase();
    for (const token of ['', 'x', `${'A'.repeat(22)}.0.${'A'.repeat(43)}`, 'x'.repeat(1000)]) {
      expect((await refresh(test, token)).status).toBe(401);
    }
  });
});

describe('a user', () => {
  test('who is disabled is rejected at the next request, at refresh and at login', async () => {
    const test = await start();
    const login = await logIn(test);
    await test.db
      .update(users)
      .set({ disabledAt: 1 })
      .where(eq(users.emailNormalized, account.username));
    expect(await status(test, login)).toBe(401);
    expect((await refresh(test, login.refresh_token)).status).toBe(401);
    const wrong = await test.app.request('/auth/login', form({ ...account, password: 'wrong' }));
    const right = await test.app.request('/auth/login', form(account));
    expect([wrong.status, right.status]).toEqual([400, 400]);
    // Disabling a user does not end the session: it is live again when the user is enabled.
    await test.db.update(users).set({ disabledAt: null });
    expect(await status(test, login)).toBe(200);
  });

  test('who is deleted loses all sessions', async () => {
    const test = await start();
    const login = await logIn(test);
    await test.db.delete(users);
    expect(await status(test, login)).toBe(401);
    expect((await refresh(test, login.refresh_token)).status).toBe(401);
    expect(await test.db.select({ id: sessions.id }).from(sessions)).toEqual([]);
  });
});
