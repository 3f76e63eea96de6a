import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { actions, isLoggedIn, logIn, loginOf, logOut, refresh } from './session-client.ts';
import type { Part } from './suite.ts';

export const sessions: Part = (api) => {
  test('POST /auth/refresh returns new tokens of the same session', async () => {
    const first = await logIn(api(), await api().newAccount());
    const answer = await refresh(api(), first.refreshToken);
    expect(answer.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 3600,
      refresh_token: expect.not.stringMatching(first.refreshToken),
    });
    const second = loginOf(answer);
    expect(second.sessionId).toBe(first.sessionId);
    expect([await isLoggedIn(api(), first), await isLoggedIn(api(), second)]).toEqual([true, true]);
  });

  test('[S22] after a lost response, the parent yields the same newest token again', async () => {
    const { refreshToken } = await logIn(api(), await api().newAccount());
    const tokens = new Set<unknown>();
    for (let i = 0; i < 3; i++) {
      tokens.add((await refresh(api(), refreshToken)).at('refresh_token'));
    }
    expect(tokens.size).toBe(1);
  });

  test('[S22] twenty concurrent refreshes all succeed and keep one lineage', async () => {
    const { refreshToken } = await logIn(api(), await api().newAccount());
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => refresh(api(), refreshToken)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map((answer) => answer.at('refresh_token'))).size).toBe(1);
  });

  test('[S22] a token older than the parent ends the session and is recorded', async () => {
    const account = await api().newAccount();
    const other = await logIn(api(), account);
    const first = await logIn(api(), account);
    const second = loginOf(await refresh(api(), first.refreshToken));
    const third = loginOf(await refresh(api(), second.refreshToken));
    const replay = await refresh(api(), first.refreshToken);
    expect([replay.status, replay.at('code')]).toEqual([401, 'invalid_refresh_token']);
    expect((await refresh(api(), third.refreshToken)).status).toBe(401);
    expect(await isLoggedIn(api(), third)).toBe(false);
    expect(await isLoggedIn(api(), other)).toBe(true);
    expect((await actions(api(), other))[0]).toBe('refresh_reuse failure');
  });

  test('[S24] a forged refresh token or an access token in its place returns 401', async () => {
    const account = await api().newAccount();
    const { refreshToken, sessionId } = await logIn(api(), account);
    const [, count, mac = ''] = refreshToken.split('.');
    const forged = [
      'x',
      account.token,
      `${sessionId}.1.${mac}`,
      `${sessionId}.${count}.${'A'.repeat(43)}`,
      `${'A'.repeat(22)}.${count}.${mac}`,
      `${refreshToken} `,
      `${sessionId}.00.${mac}`,
    ];
    for (const token of forged) expect((await refresh(api(), token)).status).toBe(401);
    expect((await refresh(api(), refreshToken)).status).toBe(200);
    expect(
      (await api().get('/profile/me', { Authorization: `Bearer ${refreshToken}` })).status,
    ).toBe(401);
  });

  test('[S20] POST /auth/logout ends this session at once, and no other', async () => {
    const account = await api().newAccount();
    const [one, other] = [await logIn(api(), account), await logIn(api(), account)];
    expect((await logOut(api(), one)).status).toBe(204);
    expect([await isLoggedIn(api(), one), await isLoggedIn(api(), other)]).toEqual([false, true]);
    expect((await refresh(api(), one.refreshToken)).status).toBe(401);
    expect((await refresh(api(), other.refreshToken)).status).toBe(200);
  });

  test('GET /auth/sessions lists the caller’s own sessions, newest first, and marks the current one', async () => {
    const account = await api().newAccount();
    const here = await logIn(api(), account);
    const answer = await api().get('/auth/sessions', { ...here.bearer, 'User-Agent': 'a\u00e9' });
    const list = answer.at('sessions') as Record<string, unknown>[];
    expect(list).toHaveLength(2);
    expect(list[0]).toEqual({
      id: here.sessionId,
      current: true,
      created_at: expect.any(String),
      last_used_at: expect.any(String),
      expires_at: expect.any(String),
      method: 'password',
      user_agent: expect.any(String),
      // The address of the test process, or the address that wrangler passes to a Worker.
      address: expect.stringMatching(/^(?:127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/),
      last_network: expect.stringMatching(/^(?:127\.0\.0\.1|0:0:0:0::\/64)$/),
    });
    expect(list[1]).toMatchObject({ id: decodeJwt(account.token).sid, current: false });
    const days =
      (Date.parse(String(list[0]?.expires_at)) - Date.parse(String(list[0]?.created_at))) /
      86_400_000;
    expect(days).toBe(30);
  });

  test('[S21] DELETE /auth/sessions/{id} ends an own session, and returns 404 for another user’s session and an unknown id', async () => {
    const account = await api().newAccount();
    const [here, there] = [await logIn(api(), account), await logIn(api(), account)];
    const stranger = await api().newAccount();
    const end = (id: unknown, bearer = here.bearer) =>
      api().request('DELETE', `/auth/sessions/${id}`, { headers: bearer });
    expect((await end(there.sessionId, stranger.bearer)).status).toBe(404);
    expect((await end(decodeJwt(stranger.token).sid)).status).toBe(404);
    expect((await end('nothing')).status).toBe(404);
    expect((await end('x'.repeat(129))).status).toBe(422);
    expect(await isLoggedIn(api(), there)).toBe(true);
    expect((await end(there.sessionId)).status).toBe(204);
    expect((await end(there.sessionId)).status).toBe(404);
    expect([await isLoggedIn(api(), there), await isLoggedIn(api(), here)]).toEqual([false, true]);
  });

  test('DELETE /auth/sessions ends all other sessions, and with all=true the current one too', async () => {
    const account = await api().newAccount();
    const here = await logIn(api(), account);
    const end = (query: string) =>
      api().request('DELETE', `/auth/sessions${query}`, { headers: here.bearer });
    expect((await end('?all=maybe')).status).toBe(422);
    expect((await end('')).status).toBe(204);
    expect([await isLoggedIn(api(), account), await isLoggedIn(api(), here)]).toEqual([
      false,
      true,
    ]);
    expect((await end('?all=true')).status).toBe(204);
    expect(await isLoggedIn(api(), here)).toBe(false);
  });

  test('[S9] [S17] [S45] POST /auth/password/change requires the current password, ends every session and starts a new one', async () => {
    const account = await api().newAccount();
    const here = await logIn(api(), account);
    const change = (fields: Record<string, unknown>) =>
      api().json('POST', '/auth/password/change', fields, here.bearer);
    const fresh = 'difference engine';
    const wrong = await change({ current_password: 'wrong', new_password: fresh });
    expect([wrong.status, wrong.at('code')]).toEqual([400, 'wrong_current_password']);
    expect(await isLoggedIn(api(), account)).toBe(true);
    const short = await change({ current_password: account.password, new_password: 'short' });
    expect([short.status, short.at('code')]).toEqual([400, 'weak_password']);
    expect(short.at('errors')).toMatchObject([{ pointer: '#/new_password', code: 'too_short' }]);
    const right = { current_password: account.password, new_password: fresh };
    const changed = await change(right);
    expect(changed.status).toBe(200);
    const next = loginOf(changed);
    // The current session ends too, so that stolen copies of its tokens become useless.
    expect([await isLoggedIn(api(), account), await isLoggedIn(api(), here)]).toEqual([
      false,
      false,
    ]);
    expect((await refresh(api(), here.refreshToken)).status).toBe(401);
    expect(await isLoggedIn(api(), next)).toBe(true);
    const refreshed = await refresh(api(), next.refreshToken);
    expect(refreshed.status).toBe(200);
    expect((await api().get('/auth/sessions', next.bearer)).at('sessions')).toHaveLength(1);
    expect((await api().logIn(account.email, account.password)).status).toBe(400);
    expect((await api().logIn(account.email, fresh)).status).toBe(200);
    expect((await change(right)).status).toBe(401);
  });

  test('of twenty concurrent password changes, one succeeds', async () => {
    const account = await api().newAccount();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        api().json(
          'POST',
          '/auth/password/change',
          { current_password: account.password, new_password: `new password ${i}` },
          account.bearer,
        ),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses[0]).toBe(200);
    // By the time the other changes run, the password has changed or their session has ended.
    expect(statuses.slice(1).every((status) => status === 400 || status === 401)).toBe(true);
  });

  test('[S35] GET /auth/activity shows each action, its user and its address, and no secret', async () => {
    const account = await api().newAccount();
    const headers = { ...account.bearer, 'X-Request-Id': 'the-request' };
    const change = await api().json('PUT', '/profile/me', { name: 'Secret Name' }, headers);
    await api().logIn(account.email, 'wrong password');
    const answer = await api().get('/auth/activity', account.bearer);
    expect(answer.at('next_cursor')).toBeNull();
    expect(answer.at('events')).toMatchObject([
      { action: 'login', outcome: 'failure' },
      {
        action: 'profile_update',
        outcome: 'success',
        request_id: change.headers.get('X-Request-Id'),
        detail: { fields: ['name'] },
      },
      { action: 'login', outcome: 'success' },
      { action: 'signup', outcome: 'success' },
    ]);
    expect(answer.text).not.toMatch(/the-request|Secret Name|wrong password|analytical|pbkdf2/);
    expect(answer.text).not.toContain(account.email);
  });

  test('[S35] GET /auth/activity continues from a cursor, and rejects an invalid one', async () => {
    const account = await api().newAccount();
    const first = (await api().get('/auth/activity', account.bearer)).at('events') as {
      id: number;
    }[];
    const next = await api().get(`/auth/activity?cursor=${first[0]?.id}`, account.bearer);
    expect(next.at('events')).toEqual(first.slice(1));
    for (const cursor of ['0', '-1', 'x', '1e3', '9'.repeat(16)]) {
      const answer = await api().get(`/auth/activity?cursor=${cursor}`, account.bearer);
      expect([cursor, answer.status]).toEqual([cursor, 422]);
    }
  });
};
