import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createClient, memoryTokens } from '../../src/client/client.ts';
import { uniqueEmail, uniquePhone } from '../support/api.ts';
import {
  newClientUser,
  PASSWORD,
  problemOf,
  spoilAccessToken,
  tokensOf,
} from '../support/client-user.ts';
import { type FaultProxy, page, startFaultProxy } from '../support/fault-proxy.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;
let proxy: FaultProxy;

beforeAll(async () => {
  target = await startTarget('node');
  proxy = await startFaultProxy(target.baseUrl);
});
beforeEach(() => {
  proxy.seen.length = 0;
});
afterAll(async () => {
  await proxy?.close();
  await target?.stop();
});

describe('latchkey-client, calls', () => {
  test('signUp, logIn, getProfile, updateProfile, logOut', async () => {
    const { client, email, store } = await newClientUser(`${proxy.baseUrl}//`);
    const { data, etag } = await client.getProfile();
    expect(data).toMatchObject({ email, name: null, bio: '' });
    const changed = await client.updateProfile({ name: 'Ada' }, { ifMatch: etag });
    expect([changed.status, changed.data.name]).toEqual([200, 'Ada']);
    expect(changed.etag).not.toBe(etag);
    const stale = await problemOf(client.updateProfile({ name: 'Eve' }, { ifMatch: etag }));
    expect([stale.status, stale.code]).toEqual([412, 'precondition_failed']);
    expect(await client.logOut()).toEqual({ revoked: true });
    expect(await store.get()).toBeUndefined();
    expect((await problemOf(client.getProfile())).code).toBe('not_authenticated');
    expect(await client.logOut()).toEqual({ revoked: true });
  });

  test('request fills in path, query, headers and body as in the document', async () => {
    const { client, email, store } = await newClientUser(proxy.baseUrl);
    await createClient({ baseUrl: proxy.baseUrl }).logIn(email, PASSWORD);
    const { data } = await client.request('GET', '/auth/sessions');
    const other = data.sessions.find(({ current }) => !current);
    const params = { id: other?.id ?? '' };
    expect(await client.request('DELETE', '/auth/sessions/{id}', { params })).toMatchObject({
      status: 204,
      data: undefined,
    });
    const again = await problemOf(client.request('DELETE', '/auth/sessions/{id}', { params }));
    expect(again.code).toBe('not_found');
    const body = { bio: 'First & foremost + 100 %' };
    const patched = await client.request('PATCH', '/profile/me', { body });
    expect(patched.data.bio).toBe(body.bio);
    const headers = { 'if-none-match': patched.etag ?? '' };
    const unchanged = await client.request('GET', '/profile/me', { headers });
    expect([unchanged.status, unchanged.data]).toEqual([304, undefined]);
    const query = { cursor: '1' };
    expect((await client.request('GET', '/auth/activity', { query })).data.events).toEqual([]);
    await client.request('DELETE', '/auth/sessions', { query: { all: 'true' } });
    expect(await store.get()).toBeDefined();
    expect((await problemOf(client.getProfile())).code).toBe('invalid_refresh_token');
    expect(await store.get()).toBeUndefined();
  });

  test('[S45] a password change also ends this session, and the client continues with the new one', async () => {
    for (const way of ['changePassword', 'request'] as const) {
      const { client, email, store, signedOut } = await newClientUser(proxy.baseUrl);
      const before = await tokensOf(store);
      const body = { current_password: PASSWORD, new_password: 'difference engine no 2' };
      if (way === 'request') await client.request('POST', '/auth/password/change', { body });
      else await client.changePassword(body);
      const after = await tokensOf(store);
      expect(after).not.toMatchObject({ refreshToken: before.refreshToken });
      expect(after.login).toBe(before.login);
      expect((await client.getProfile()).data.email).toBe(email);
      const { data } = await client.request('GET', '/auth/sessions');
      expect(data.sessions).toMatchObject([{ current: true }]);
      await store.set(before);
      expect((await problemOf(client.getProfile())).code).toBe('invalid_refresh_token');
      expect(signedOut).toEqual(['invalid_refresh_token']);
    }
  });

  test('[S45] a rejected password change keeps the login; a logout during a change also ends the new session', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    const before = await tokensOf(store);
    const change = { current_password: 'wrong password', new_password: 'difference engine no 2' };
    expect((await problemOf(client.changePassword(change))).code).toBe('wrong_current_password');
    expect(await tokensOf(store)).toEqual(before);
    const changing = client.changePassword({ ...change, current_password: PASSWORD });
    const [outcome] = await Promise.allSettled([changing, client.logOut()]);
    expect(await store.get()).toBeUndefined();
    // Either the server processed the logout first, or the client discarded the new session.
    expect(outcome.status).toBe('rejected');
  });

  test('a form preserves every character of a password', async () => {
    const client = createClient({ baseUrl: proxy.baseUrl });
    const [email, password] = [uniqueEmail(), "a+b &c=d%25 ü😀~*'()!"];
    await client.signUp({ email, password });
    await client.logIn(email, password);
    expect((await client.getProfile()).data.email).toBe(email);
  });

  test('a user of the phone contract can log in by number, or adopt existing tokens', async () => {
    const tokens = memoryTokens();
    const client = createClient({ baseUrl: proxy.baseUrl, tokens });
    const body = { phone: uniquePhone(), password: PASSWORD };
    const { data } = await client.request('POST', '/api/v1/auth/signup', { body });
    await client.adoptTokens({ ...data.data, access_token: data.data.token });
    expect((await client.getProfile()).data.phone).toBe(body.phone);
    await client.logOut();
    await client.logIn(body.phone, PASSWORD);
    expect((await client.getProfile()).data.phone).toBe(body.phone);
  });

  test('a parameter that would change the path is rejected, and nothing is sent', async () => {
    const { client } = await newClientUser(proxy.baseUrl);
    const sent = proxy.seen.length;
    for (const id of ['', '.', '..']) {
      const call = client.request('DELETE', '/auth/sessions/{id}', { params: { id } });
      await expect(call).rejects.toThrow(TypeError);
    }
    expect(proxy.seen).toHaveLength(sent);
    const params = { id: '../sessions?all=true' };
    const call = client.request('DELETE', '/auth/sessions/{id}', { params });
    expect((await problemOf(call)).status).toBe(404);
    expect((await client.getProfile()).status).toBe(200);
  });

  test('invalid options are rejected', async () => {
    expect(() => createClient({ baseUrl: 'http://host/?x' })).toThrow(TypeError);
    for (const timeout of [0, -1, 600_001, Number.NaN]) {
      expect(() => createClient({ baseUrl: '', timeout })).toThrow(RangeError);
      await expect(
        createClient({ baseUrl: proxy.baseUrl }).getProfile({ timeout }),
      ).rejects.toThrow(RangeError);
    }
  });
});

describe('latchkey-client, problems', () => {
  test('a rejected field is reported with its pointer, code and message', async () => {
    const client = createClient({ baseUrl: proxy.baseUrl });
    const problem = await problemOf(client.signUp({ email: 'nobody', password: PASSWORD }));
    expect(problem).toMatchObject({
      name: 'ProblemError',
      status: 422,
      code: 'validation_failed',
      detail: 'email: must be an email address',
      errors: [{ pointer: '#/email', code: 'invalid_email', message: 'must be an email address' }],
      requestId: expect.stringMatching(/./),
      retryAfter: undefined,
    });
  });

  test('a wrong password is a problem and causes no refresh', async () => {
    const { client, email, store } = await newClientUser(proxy.baseUrl);
    const before = await store.get();
    const problem = await problemOf(client.logIn(email, 'wrong'));
    expect([problem.status, problem.code]).toEqual([400, 'wrong_email_or_password']);
    expect(await store.get()).toEqual(before);
    expect(proxy.count('POST /auth/refresh')).toBe(0);
  });

  test.each([
    ['a page', 502, {}, '<html>Bad gateway</html>'],
    ['a page with status 200', 200, {}, '<html>Please log in to the Wi-Fi</html>'],
    ['nothing', 200, {}, ''],
    ['a redirect', 307, { location: 'http://127.0.0.1:9/' }, ''],
    ['JSON of another format', 500, { 'content-type': 'application/json' }, '{"error":"oops"}'],
    ['JSON that is not an object', 503, { 'content-type': 'application/json' }, 'null'],
  ])(
    '%s instead of a response of the API is an unexpected_answer',
    async (_, status, headers, body) => {
      const { client, store } = await newClientUser(proxy.baseUrl);
      proxy.next('GET /profile/me', page(status, { 'retry-after': '7', ...headers }, body));
      const problem = await problemOf(client.getProfile());
      expect(problem).toMatchObject({
        status,
        code: 'unexpected_answer',
        retryAfter: 7,
        errors: [],
      });
      expect(problem.message).not.toMatch(/html|JSON|oops/);
      expect(await store.get()).toBeDefined();
    },
  );

  test('Retry-After may also be a date; any other value is ignored', async () => {
    const client = createClient({ baseUrl: proxy.baseUrl });
    const at = (text: string) => page(429, { 'retry-after': text });
    const soon = new Date(Date.now() + 60_000).toUTCString();
    proxy.next('GET /healthz', at(soon), at('Thu, 01 Jan 2026 00:00:00 GMT'), at('later'));
    const wait = async () => (await problemOf(client.request('GET', '/healthz'))).retryAfter;
    const seconds = await wait();
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    expect([await wait(), await wait()]).toEqual([0, undefined]);
  });

  test('errors contain no token', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    await spoilAccessToken(store);
    const { accessToken, refreshToken } = await tokensOf(store);
    proxy.next('POST /auth/refresh', page(502), page(502));
    const problem = await problemOf(client.getProfile());
    for (const text of [String(problem), String(problem.stack), JSON.stringify(problem)]) {
      expect(text).not.toContain(accessToken);
      expect(text).not.toContain(refreshToken);
    }
  });
});
