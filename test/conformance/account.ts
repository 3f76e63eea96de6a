import { expect, test } from 'vitest';
import type { Answer, Api } from '../support/api.ts';
import type { PostOffice } from '../support/post-office.ts';
import { isLoggedIn, logIn, logOut, refresh } from './session-client.ts';

const PATH = '/profile/me';
const EXPORT = '/profile/me/export';
const AT_ONCE = 20;
const NEW_PASSWORD = 'difference engine';

const codeOf = (answer: Answer) => (answer.status < 400 ? answer.status : answer.at('code'));

/** The deletion of accounts, and their export. */
export const account = (api: () => Api, post: () => PostOffice): void => {
  /** A new account with a verified address, whose language is that of the verification. */
  async function newVerified(language = 'en') {
    const created = await api().newAccount();
    await api().json('POST', '/auth/verification', { channel: 'email' }, created.bearer);
    const { tokens } = await post().receive(created.email);
    const confirmed = await api().json(
      'POST',
      '/auth/verification/confirm',
      { token: tokens.verify },
      { 'Accept-Language': language },
    );
    expect(confirmed.status).toBe(204);
    return created;
  }

  const remove = (headers: Record<string, string>) => api().request('DELETE', PATH, { headers });

  test('[S70] DELETE /profile/me deletes the account: its tokens are over, its address is free, a notice goes out', async () => {
    const { id, email, password, bearer } = await newVerified();
    const other = await logIn(api(), { email, password });
    const answer = await remove(bearer);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await isLoggedIn(api(), { bearer })).toBe(false);
    expect(await isLoggedIn(api(), other)).toBe(false);
    expect((await refresh(api(), other.refreshToken)).status).toBe(401);
    expect((await api().logIn(email, password)).status).toBe(400);
    expect(await post().receive(email)).toMatchObject({ kind: 'deleted', tokens: {} });
    const again = await api().newAccount(email);
    expect(again.id).toBeGreaterThan(id);
    expect(await isLoggedIn(api(), { bearer })).toBe(false);
    expect((await api().get('/auth/activity', again.bearer)).at('events')).toHaveLength(2);
  });

  test(`[S70] ${AT_ONCE} deletions at once: one answers 204, the others 401`, async () => {
    const { bearer, email } = await newVerified();
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => remove(bearer)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const answer of answers) expect([204, 'invalid_token']).toContain(codeOf(answer));
    await post().receive(email);
    expect(post().left()).not.toContain(email);
  });

  test('[S70] a deletion at the same time as logins, a password change and refreshes: no session is left', async () => {
    const { id, email, password, bearer } = await api().newAccount();
    const { refreshToken } = await logIn(api(), { email, password });
    const change = { current_password: password, new_password: NEW_PASSWORD };
    // An export that the deletion interrupts ends without its last part: the body of its response is an error, and
    // workerd closes the connection, which no other request may use.
    const exported = api()
      .get(EXPORT, { ...bearer, Connection: 'close' })
      .catch(() => undefined);
    const [deleted, ...answers] = await Promise.all([
      remove(bearer),
      api().json('POST', '/auth/password/change', change, bearer),
      refresh(api(), refreshToken),
      ...Array.from({ length: 5 }, () => api().logIn(email, password)),
    ]);
    expect((await exported)?.status ?? 200).toBeLessThan(500);
    // The password change may have been faster: it ends the session of the deletion.
    expect([204, 'invalid_token']).toContain(deleted && codeOf(deleted));
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    if (deleted?.status !== 204) return;
    for (const answer of answers) {
      if (answer.at('access_token') === undefined) continue;
      const own = { bearer: { Authorization: `Bearer ${answer.at('access_token')}` } };
      expect(await isLoggedIn(api(), own)).toBe(false);
    }
    expect((await api().logIn(email, NEW_PASSWORD)).status).toBe(400);
    expect((await api().newAccount(email)).id).toBeGreaterThan(id);
  });

  test('[S70] messages and links of a deleted account are over', async () => {
    const { email, bearer } = await api().newAccount();
    await api().json('POST', '/auth/password/forgot', { username: email });
    const { tokens } = await post().receive(email);
    expect((await remove(bearer)).status).toBe(204);
    expect(post().left()).not.toContain(email);
    const reset = { token: tokens.reset, new_password: NEW_PASSWORD };
    expect(codeOf(await api().json('POST', '/auth/password/reset', reset))).toBe('invalid_code');
    expect(codeOf(await api().json('POST', '/auth/email/undo', { token: tokens.undo }))).toBe(
      'invalid_code',
    );
  });

  test('a password change sends a notice in the language of the account, not of the request', async () => {
    const { email, password, bearer } = await newVerified('hi');
    const change = { current_password: password, new_password: NEW_PASSWORD };
    const changed = await api().json('POST', '/auth/password/change', change, {
      ...bearer,
      'Accept-Language': 'en',
    });
    expect(changed.status).toBe(200);
    const notice = await post().receive(email, 'password_changed');
    expect([notice.locale, notice.tokens]).toEqual(['hi', {}]);
  });

  test('[S71] GET /profile/me/export answers everything that is stored, as a file, without secrets', async () => {
    const { email, bearer, password } = await api().newAccount();
    const { refreshToken } = await logIn(api(), { email, password });
    await api().json('PATCH', PATH, { name: 'Zoë', bio: 'x\u2028"\\' }, bearer);
    const answer = await api().get(EXPORT, bearer);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('Content-Type')).toBe('application/json');
    expect(answer.headers.get('Content-Disposition')).toBe(
      'attachment; filename="latchkey-export.json"',
    );
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    expect(answer.headers.get('RateLimit')).toMatch(/"export";r=4;t=\d+/);
    expect(answer.at('profile')).toEqual((await api().get(PATH, bearer)).body);
    expect(answer.at('sessions')).toHaveLength(2);
    const events = (await api().get('/auth/activity', bearer)).at('events') as unknown[];
    expect(answer.at('events')).toEqual(events.toReversed());
    expect(answer.text).not.toMatch(/pbkdf2|eyJ/);
    expect(answer.text).not.toContain(refreshToken);
  });

  test('[S71] GET /profile/me/export of an ended session answers 401; the sixth of an hour 429', async () => {
    const { email, password, bearer } = await api().newAccount();
    const ended = await logIn(api(), { email, password });
    await logOut(api(), ended);
    expect(codeOf(await api().get(EXPORT, ended.bearer))).toBe('invalid_token');
    // Not recorded: other operations are not called beyond their limits here.
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => fetch(`${api().baseUrl}${EXPORT}`, { headers: bearer })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429]);
    for (const answer of answers) await answer.text();
  });

  test('HEAD /profile/me/export answers as GET does, without a body', async () => {
    const { bearer } = await api().newAccount();
    const head = await api().request('HEAD', EXPORT, { headers: bearer });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers.get('Content-Type')).toBe('application/json');
  });
};
