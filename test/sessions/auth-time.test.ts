// The authentication time of a session, in its tokens.
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { sessions, users } from '../../src/core/db/schema.ts';
import { bearer, createTestApp, form, json, newUser, type TestApp } from '../support/test-app.ts';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

const CREDENTIALS = { username: 'ada@example.com', password: 'analytical engine' };
const DAY = 86_400;

const logIn = async ({ app }: TestApp) =>
  (await (await app.request('/auth/login', form(CREDENTIALS))).json()) as Tokens;

const refresh = async ({ app }: TestApp, { refresh_token }: Tokens) =>
  (await (await app.request('/auth/refresh', json('POST', { refresh_token }))).json()) as Tokens;

/** When the user authenticated, according to an access token, in seconds since 1970. */
const authTimeIn = (token: string) => decodeJwt(token).auth_time;
const seconds = ({ deps }: TestApp) => Math.floor(deps.clock() / 1000);

describe('auth_time in an access token', () => {
  test('is the time of the log-in, also after refreshes', async () => {
    const room = await createTestApp();
    await newUser(room.app);
    room.advance(5.999);
    let tokens = await logIn(room);
    const start = seconds(room);
    for (let day = 0; day < 3; day++) {
      expect(authTimeIn(tokens.access_token)).toBe(start);
      room.advance(DAY);
      tokens = await refresh(room, tokens);
    }
    expect(authTimeIn(tokens.access_token)).toBe(start);
    expect(decodeJwt(tokens.access_token).iat).toBe(start + 3 * DAY);
  });

  test('is the time of a sign-up that logs in, and of a password change', async () => {
    const room = await createTestApp();
    const password = 'analytical engine';
    const signUp = json('POST', { phone: '+919876543210', password });
    const answer = await room.app.request('/api/v1/auth/signup', signUp);
    const { data } = (await answer.json()) as { data: { token: string } };
    expect(authTimeIn(data.token)).toBe(seconds(room));

    room.advance(700);
    const change = { current_password: password, new_password: 'difference engine' };
    const changed = await room.app.request(
      '/auth/password/change',
      json('POST', change, bearer(data.token)),
    );
    const { access_token } = (await changed.json()) as Tokens;
    expect(authTimeIn(access_token)).toBe(seconds(room));
  });

  test('is the start of the session in rows of older releases', async () => {
    const room = await createTestApp();
    await newUser(room.app);
    const tokens = await logIn(room);
    const start = seconds(room);
    await room.db.update(sessions).set({ authTime: null });
    room.advance(DAY);
    expect(authTimeIn((await refresh(room, tokens)).access_token)).toBe(start);
  });
});

test('GET and PUT /profile/me report which addresses are verified, the sign-up does not', async () => {
  const { app, db } = await createTestApp();
  const { token } = await newUser(app);
  const headers = bearer(token);
  const flags = async (init: RequestInit) => {
    const answer = await app.request('/profile/me', init);
    const { email_verified, phone_verified } = (await answer.json()) as Record<string, unknown>;
    return [email_verified, phone_verified];
  };
  expect(await flags({ headers })).toEqual([false, false]);
  await db.update(users).set({ emailVerifiedAt: 0 });
  expect(await flags({ headers })).toEqual([true, false]);
  await db.update(users).set({ emailVerifiedAt: null, phoneVerifiedAt: 1 });
  expect(await flags({ headers })).toEqual([false, true]);
  expect(await flags(json('PUT', { name: 'Ada' }, headers))).toEqual([false, true]);
  expect(await flags(json('PUT', {}, headers))).toEqual([false, true]);

  const account = { email: 'eve@example.com', password: 'analytical engine' };
  const signUp = await app.request('/auth/signup', json('POST', account));
  expect(Object.keys((await signUp.json()) as object)).toEqual(['id', 'email', 'name', 'bio']);
});
