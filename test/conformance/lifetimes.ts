import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import type { TimedApi } from '../support/movable-clock/api.ts';
import { isLoggedIn, type Login, logIn, loginOf, refresh } from './session-client.ts';
import { DAYS, MAX_SESSIONS } from './timed-settings.ts';
import type { TimedPart } from './timed-suite.ts';

const DAY = 86_400;
const MILLISECOND = 0.001;
/** The maximum clock skew between servers, in seconds. */
const LAG = 5;

const expectEnded = async (api: TimedApi, login: Login): Promise<void> => {
  expect(await isLoggedIn(api, login)).toBe(false);
  expect((await refresh(api, login.refreshToken)).status).toBe(401);
};

/** Returns the time of a session's last use, which another session of the same user reads. */
const lastUse = async (api: TimedApi, { bearer }: Login, { sessionId }: Login): Promise<number> => {
  const sessions = (await api.get('/auth/sessions', bearer)).at('sessions') as {
    id: string;
    last_used_at: string;
  }[];
  return Date.parse(sessions.find(({ id }) => id === sessionId)?.last_used_at ?? '');
};

export const lifetimes: TimedPart = (newApi) => {
  test('[S62] auth_time stays through refreshes and moves with a re-authentication and a password change', async () => {
    const api = newApi();
    const account = await api.newAccount();
    const seconds = () => Math.floor(api.now / 1000);
    const authTimeIn = ({ bearer }: Pick<Login, 'bearer'>) =>
      decodeJwt(bearer.Authorization.slice('Bearer '.length)).auth_time;
    const start = seconds();
    let login = await logIn(api, account);
    for (const _ of [1, 2]) {
      expect(authTimeIn(login)).toBe(start);
      api.advance(DAY);
      login = loginOf(await refresh(api, login.refreshToken));
    }
    expect(authTimeIn(login)).toBe(start);
    const { password } = account;
    const proved = loginOf(
      await api.json('POST', '/auth/reauthenticate', { password }, login.bearer),
    );
    expect([authTimeIn(proved), proved.refreshToken]).toEqual([seconds(), login.refreshToken]);
    const moved = seconds();
    api.advance(DAY);
    login = loginOf(await refresh(api, proved.refreshToken));
    expect(authTimeIn(login)).toBe(moved);
    const change = { current_password: password, new_password: 'difference engine' };
    const changed = await api.json('POST', '/auth/password/change', change, login.bearer);
    expect(authTimeIn(loginOf(changed))).toBe(seconds());
  });

  test('[S19] after SESSION_IDLE_DAYS without use, a session ends for both the refresh token and the access token', async () => {
    const api = newApi();
    const login = await logIn(api, await api.newAccount());
    api.advance(DAYS.idle * DAY - MILLISECOND);
    expect(await isLoggedIn(api, login)).toBe(true);
    api.advance(DAYS.idle * DAY - MILLISECOND);
    const again = loginOf(await refresh(api, login.refreshToken));
    api.advance(DAYS.idle * DAY);
    // The access token itself has not expired yet.
    const { exp } = decodeJwt(again.bearer.Authorization.slice('Bearer '.length));
    expect(exp).toBeGreaterThan(api.now / 1000);
    await expectEnded(api, again);
    api.advance(-MILLISECOND);
    expect(await isLoggedIn(api, again)).toBe(true);
  });

  test('[S19] a session ends after SESSION_ABSOLUTE_DAYS, however often it is used', async () => {
    const api = newApi();
    let login = await logIn(api, await api.newAccount());
    for (let day = 1; day < DAYS.absolute; day++) {
      api.advance(DAY);
      login = loginOf(await refresh(api, login.refreshToken));
    }
    api.advance(DAY - MILLISECOND);
    expect(await isLoggedIn(api, login)).toBe(true);
    login = loginOf(await refresh(api, login.refreshToken));
    api.advance(MILLISECOND);
    await expectEnded(api, login);
  });

  test('[S24] after an access token has expired, a refresh still works', async () => {
    const api = newApi();
    const login = await logIn(api, await api.newAccount());
    // Uses the session, which would otherwise reach its idle timeout first.
    api.advance(DAY);
    expect(await isLoggedIn(api, login)).toBe(true);
    api.advance((DAYS.accessToken - 1) * DAY - MILLISECOND);
    expect(await isLoggedIn(api, login)).toBe(true);
    api.advance(LAG + MILLISECOND);
    const answer = await api.get('/profile/me', login.bearer);
    expect([answer.status, answer.at('code')]).toEqual([401, 'invalid_token']);
    expect(await isLoggedIn(api, loginOf(await refresh(api, login.refreshToken)))).toBe(true);
  });

  test('the last use of a session is written at most once a minute', async () => {
    const api = newApi();
    const account = await api.newAccount();
    const [used, other] = [await logIn(api, account), await logIn(api, account)];
    const start = api.now;
    const useAfter = async (seconds: number): Promise<number> => {
      api.advance(seconds);
      expect(await isLoggedIn(api, used)).toBe(true);
      return (await lastUse(api, other, used)) - start;
    };
    expect(await useAfter(60 - MILLISECOND)).toBe(0);
    expect(await useAfter(MILLISECOND)).toBe(60_000);
    expect(await useAfter(60 - MILLISECOND)).toBe(60_000);
    expect(await useAfter(MILLISECOND)).toBe(120_000);
  });

  test('POST /auth/login above SESSION_MAX_PER_USER ends the session with the oldest login', async () => {
    const api = newApi();
    const account = await api.newAccount();
    const logins: Login[] = [];
    for (const seconds of [1, 0, 1, 0, 1, 60]) {
      api.advance(seconds);
      logins.push(await logIn(api, account));
      const evicted = logins.at(-MAX_SESSIONS - 1);
      if (evicted) await expectEnded(api, evicted);
      // A refresh must not make a session count as newer.
      const oldest = logins.at(-MAX_SESSIONS);
      if (oldest) {
        logins[logins.length - MAX_SESSIONS] = loginOf(await refresh(api, oldest.refreshToken));
      }
    }
    expect(await isLoggedIn(api, account)).toBe(false);
    const kept = await Promise.all(logins.map((login) => isLoggedIn(api, login)));
    expect(kept).toEqual([false, false, false, true, true, true]);
  });

  test('a server whose clock is behind accepts the tokens that another server has just issued', async () => {
    const api = newApi();
    const account = await api.newAccount();
    const login = await logIn(api, account);
    api.advance(-LAG);
    expect(await isLoggedIn(api, login)).toBe(true);
    const next = loginOf(await refresh(api, login.refreshToken));
    expect(await isLoggedIn(api, next)).toBe(true);
    expect(loginOf(await refresh(api, login.refreshToken)).refreshToken).toBe(next.refreshToken);
  });

  test('POST /auth/login at a server whose clock is behind starts a session that stays live', async () => {
    const api = newApi();
    const account = await api.newAccount();
    for (let i = 0; i < MAX_SESSIONS; i++) await logIn(api, account);
    api.advance(-LAG);
    expect(await isLoggedIn(api, await logIn(api, account))).toBe(true);
  });
};
