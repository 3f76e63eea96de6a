import { eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { sessions, users } from '../../src/core/db/schema.ts';
import { createPasswordHasher } from '../../src/features/passwords/password-hash.ts';
import { bearer, createTestApp, form, json, newUser, type TestApp } from '../support/test-app.ts';

const NEW_PASSWORD = 'difference engine';

/** Returns the same app, except that it calls `meanwhile` between the verification of a password and the next step. */
function overtaken({ deps }: TestApp, meanwhile: () => unknown) {
  let isFirst = true;
  const passwords = {
    ...deps.passwords,
    verify: async (...args: Parameters<typeof deps.passwords.verify>) => {
      const verdict = await deps.passwords.verify(...args);
      if (isFirst) {
        isFirst = false;
        await meanwhile();
      }
      return verdict;
    },
  };
  return createApp({ ...deps, passwords });
}

const logInForm = ({ email, password }: { email: string; password: string }) =>
  form({ username: email, password });

/** Logs in again. Returns the access token. */
async function newSession({ app }: TestApp, account: { email: string; password: string }) {
  const answer = await app.request('/auth/login', logInForm(account));
  return ((await answer.json()) as { access_token: string }).access_token;
}

const sessionsOf = ({ db }: TestApp, userId: number) =>
  db.select({ id: sessions.id }).from(sessions).where(eq(sessions.userId, userId));

describe('events while a password is verified', () => {
  test('[S17] a login with the old password does not survive a password change', async () => {
    const room = await createTestApp();
    const account = await newUser(room.app);
    const change = { current_password: account.password, new_password: NEW_PASSWORD };
    const app = overtaken(room, () =>
      room.app.request('/auth/password/change', json('POST', change, bearer(account.token))),
    );
    expect((await app.request('/auth/login', logInForm(account))).status).toBe(400);
    expect(await sessionsOf(room, account.id)).toHaveLength(1);
  });

  test('a login of a user who is deleted meanwhile fails', async () => {
    const room = await createTestApp();
    const account = await newUser(room.app);
    const app = overtaken(room, () => room.db.delete(users).where(eq(users.id, account.id)));
    expect((await app.request('/auth/login', logInForm(account))).status).toBe(400);
  });

  test('a login of a user who is disabled meanwhile fails and leaves no session', async () => {
    const room = await createTestApp();
    const account = await newUser(room.app);
    await room.db.delete(sessions);
    const app = overtaken(room, () =>
      room.db.update(users).set({ disabledAt: 1 }).where(eq(users.id, account.id)),
    );
    expect((await app.request('/auth/login', logInForm(account))).status).toBe(400);
    expect(await sessionsOf(room, account.id)).toEqual([]);
  });

  test('[S6] concurrent logins that all rehash the password all succeed', async () => {
    const room = await createTestApp();
    const account = await newUser(room.app);
    const passwords = createPasswordHasher(2);
    const app = createApp({ ...room.deps, passwords });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => app.request('/auth/login', logInForm(account))),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  });

  test('[S20] a session that ends meanwhile cannot change the password', async () => {
    const room = await createTestApp();
    const account = await newUser(room.app);
    const thief = await newSession(room, account);
    const change = { current_password: account.password, new_password: NEW_PASSWORD };
    const app = overtaken(room, () =>
      room.app.request('/auth/sessions', { method: 'DELETE', headers: bearer(account.token) }),
    );
    const answer = await app.request('/auth/password/change', json('POST', change, bearer(thief)));
    expect(answer.status).toBe(401);
    const headers = bearer(account.token);
    expect((await room.app.request('/profile/me', { headers })).status).toBe(200);
    expect((await room.app.request('/auth/login', logInForm(account))).status).toBe(200);
  });
});

test('the session limit evicts sessions past their idle timeout first', async () => {
  const room = await createTestApp({
    SESSION_MAX_PER_USER: '2',
    SESSION_IDLE_DAYS: '1',
    ACCESS_TOKEN_EXPIRE_MINUTES: '43200',
  });
  const account = await newUser(room.app);
  const isIn = async () =>
    (await room.app.request('/profile/me', { headers: bearer(account.token) })).status === 200;
  await newSession(room, account);
  for (let i = 0; i < 2; i++) {
    room.advance(13 * 3600);
    expect(await isIn()).toBe(true);
  }
  await newSession(room, account);
  expect(await isIn()).toBe(true);
  expect(await sessionsOf(room, account.id)).toHaveLength(2);
});

test('an access token expires with its session at the latest, as expires_in shows', async () => {
  const room = await createTestApp({ SESSION_IDLE_DAYS: '1', SESSION_ABSOLUTE_DAYS: '1' });
  const account = await newUser(room.app);
  const login = await (await room.app.request('/auth/login', logInForm(account))).json();
  const { refresh_token } = login as { refresh_token: string };
  room.advance(86_400 - 90);
  const answer = await room.app.request('/auth/refresh', json('POST', { refresh_token }));
  expect(await answer.json()).toMatchObject({ expires_in: 90 });
});

test('[S38] a read succeeds even if the last use cannot be written', async () => {
  const room = await createTestApp();
  const { token } = await newUser(room.app);
  const touch = () => Promise.reject(new Error('SQLITE_BUSY: database is locked'));
  const isTouchDue = () => true;
  const sessions = { ...room.deps.sessions, isTouchDue, touch };
  const app = createApp({ ...room.deps, sessions });
  expect((await app.request('/profile/me', { headers: bearer(token) })).status).toBe(200);
  expect(room.logs.join()).toContain('last_use_not_recorded');
});
