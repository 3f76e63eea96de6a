import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import type { Answer } from '../support/api.ts';
import { actions, isLoggedIn, logIn, logOut, refresh } from './session-client.ts';
import type { Part } from './suite.ts';

const PARALLEL = 20;
const WRONG = 'not the password';

const PATH = '/auth/reauthenticate';
const codeOf = (answer: Answer) => [answer.status, answer.at('code')];

export const reauthentication: Part = (api) => {
  test('[S62] POST /auth/reauthenticate answers the same session and its current refresh token', async () => {
    const account = await api().newAccount();
    const login = await logIn(api(), account);
    const ask = (body: unknown) => api().json('POST', PATH, body, login.bearer);
    expect(codeOf(await ask({ password: WRONG }))).toEqual([400, 'wrong_current_password']);
    expect(codeOf(await ask({ code: '024681' }))).toEqual([400, 'invalid_code']);
    expect(codeOf(await ask({ code: '24681' }))).toEqual([422, 'validation_failed']);

    const answer = await ask({ password: account.password });
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 3600,
      refresh_token: login.refreshToken,
      device_token: expect.any(String),
    });
    const claims = decodeJwt(String(answer.at('access_token')));
    expect(claims.sid).toBe(login.sessionId);
    // The second may change between the change of the session and the token.
    const age = Number(claims.iat) - Number(claims.auth_time);
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThanOrEqual(2);
    const next = { bearer: { Authorization: `Bearer ${answer.at('access_token')}` } };
    expect([await isLoggedIn(api(), next), await isLoggedIn(api(), login)]).toEqual([true, true]);
    const refreshed = await refresh(api(), login.refreshToken);
    expect(decodeJwt(String(refreshed.at('access_token'))).auth_time).toBe(claims.auth_time);
    expect((await api().get('/auth/sessions', next.bearer)).at('sessions')).toHaveLength(2);
    expect((await actions(api(), next)).slice(0, 2)).toEqual([
      'reauthenticate success',
      'reauthenticate failure',
    ]);
  });

  test(`[S62] ${PARALLEL} re-authentications at once: each succeeds and is recorded`, async () => {
    const { password, bearer } = await api().newAccount();
    const answers = await Promise.all(
      Array.from({ length: PARALLEL }, () => api().json('POST', PATH, { password }, bearer)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map((answer) => answer.at('refresh_token'))).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.at('access_token'))).size).toBe(PARALLEL);
    const recorded = await actions(api(), { bearer });
    expect(recorded.filter((action) => action === 'reauthenticate success')).toHaveLength(PARALLEL);
  });

  test(`[S62] ${PARALLEL} re-authentications against a logout at once: each 200 or 401, the session is over`, async () => {
    const account = await api().newAccount();
    const login = await logIn(api(), account);
    const { password } = account;
    const [ended, ...answers] = await Promise.all([
      logOut(api(), login),
      ...Array.from({ length: PARALLEL }, () =>
        api().json('POST', PATH, { password }, login.bearer),
      ),
    ]);
    expect(ended?.status).toBe(204);
    for (const answer of answers) {
      expect([200, 401]).toContain(answer.status);
      if (answer.status !== 200) continue;
      const bearer = { Authorization: `Bearer ${answer.at('access_token')}` };
      expect(await isLoggedIn(api(), { bearer })).toBe(false);
      expect((await refresh(api(), String(answer.at('refresh_token')))).status).toBe(401);
    }
  });

  test(`[S62] ${PARALLEL} re-authentications against a password change at once: none counts as a failure`, async () => {
    const { password, bearer } = await api().newAccount();
    const change = { current_password: password, new_password: 'difference engine' };
    const [changed, ...answers] = await Promise.all([
      api().json('POST', '/auth/password/change', change, bearer),
      ...Array.from({ length: PARALLEL }, () => api().json('POST', PATH, { password }, bearer)),
    ]);
    expect(changed?.status).toBe(200);
    const next = { bearer: { Authorization: `Bearer ${changed?.at('access_token')}` } };
    for (const { status } of answers) expect([200, 401]).toContain(status);
    expect(await actions(api(), next)).not.toContain('reauthenticate failure');
    expect(await isLoggedIn(api(), { bearer })).toBe(false);
    expect(await isLoggedIn(api(), next)).toBe(true);
  });
};
