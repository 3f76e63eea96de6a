import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ClientOptions, createClient, NetworkError } from '../../src/client/client.ts';
import {
  gateTokens,
  newClientUser,
  PASSWORD,
  spoilAccessToken,
  tokensOf,
} from '../support/client-user.ts';
import { cut, type FaultProxy, heldUntil, startFaultProxy } from '../support/fault-proxy.ts';
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

const seen = (what: string) =>
  expect.poll(() => proxy.count(what), { interval: 5, timeout: 10_000 }).toBe(1);

describe('latchkey-client, aborts and timeouts', () => {
  test('a signal aborts a call with its reason', async () => {
    const { client } = await newClientUser(proxy.baseUrl);
    const controller = new AbortController();
    proxy.next('GET /profile/me', heldUntil(delay(300)));
    const call = client.getProfile({ signal: controller.signal });
    await seen('GET /profile/me');
    const reason = new Error('the page was left');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(client.getProfile({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(proxy.count('GET /profile/me')).toBe(1);
  });

  test('if one of several callers aborts, the refresh continues for the others', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    await spoilAccessToken(store);
    proxy.next('POST /auth/refresh', heldUntil(delay(200)));
    const controller = new AbortController();
    const first = client.getProfile({ signal: controller.signal });
    const others = Promise.all([client.getProfile(), client.getProfile()]);
    await seen('POST /auth/refresh');
    controller.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect((await others).map(({ status }) => status)).toEqual([200, 200]);
    expect(proxy.count('POST /auth/refresh')).toBe(1);
    // The other two calls are sent twice. The aborted call is not sent again.
    expect(proxy.count('GET /profile/me')).toBe(5);
  });

  test('if all callers give up, the refresh is still not lost', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    await spoilAccessToken(store);
    const before = await tokensOf(store);
    proxy.next('POST /auth/refresh', heldUntil(delay(1500)));
    await expect(client.getProfile({ timeout: 1000 })).rejects.toMatchObject({ timedOut: true });
    await expect
      .poll(async () => (await tokensOf(store)).refreshToken, { timeout: 5000 })
      .not.toBe(before.refreshToken);
    expect((await client.getProfile()).status).toBe(200);
    expect(proxy.count('POST /auth/refresh')).toBe(1);
  });

  test('a call ends at its timeout, which may be its own or the client’s', async () => {
    const { client } = await newClientUser(proxy.baseUrl, { timeout: 500 });
    const slow = heldUntil(delay(4000));
    proxy.next('GET /profile/me', slow, slow);
    const start = performance.now();
    const error = await client.getProfile({ timeout: 100 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ timedOut: true, message: 'No answer within 100 ms' });
    await expect(client.getProfile()).rejects.toThrow('No answer within 500 ms');
    expect(performance.now() - start).toBeLessThan(4000);
  });

  test('a failed connection causes a NetworkError with its cause', async () => {
    const client = createClient({ baseUrl: proxy.baseUrl });
    proxy.next('GET /profile/me', cut);
    const error = await client.getProfile().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ timedOut: false, cause: expect.any(Error) });
  });

  test.each<[string, Partial<ClientOptions>]>([
    ['the platform’s fetch', {}],
    [
      'a fetch that ignores its signal',
      { fetch: (url, { signal: _, ...init }) => fetch(url, init) },
    ],
  ])('an aborted login does not log the user in (%s)', async (_, options) => {
    const { client, email, store } = await newClientUser(proxy.baseUrl, options);
    await client.logOut();
    proxy.seen.length = 0;
    const controller = new AbortController();
    proxy.next('POST /auth/login', heldUntil(delay(200)));
    const login = client.logIn(email, PASSWORD, { signal: controller.signal });
    await seen('POST /auth/login');
    controller.abort();
    await expect(login).rejects.toMatchObject({ name: 'AbortError' });
    await delay(300);
    expect(await store.get()).toBeUndefined();
    // A fetch that obeys the signal never returns the tokens of the session.
    const logOuts = () => proxy.count('POST /auth/logout');
    await expect.poll(logOuts).toBe(options.fetch ? 1 : 0);
  });

  test.each([
    ['waits for its turn', 0],
    ['is being stored', 1],
  ])('a login that is aborted while it %s keeps the previous login', async (_, writes) => {
    const tokens = gateTokens();
    const { client, email, store } = await newClientUser(proxy.baseUrl, { tokens });
    const mine = await tokensOf(store);
    const given = { access_token: mine.accessToken, refresh_token: mine.refreshToken };
    proxy.seen.length = 0;
    proxy.answered.length = 0;
    tokens.written.length = 0;
    tokens.close();
    const ahead = writes === 0 ? client.adoptTokens({ ...given, expires_in: 60 }) : undefined;
    const controller = new AbortController();
    const login = client.logIn(email, PASSWORD, { signal: controller.signal });
    await seen('POST /auth/login');
    await expect.poll(() => tokens.waiting()).toBe(1);
    await expect.poll(() => proxy.answered, { timeout: 10_000 }).toContain('POST /auth/login');
    await delay(200);
    controller.abort();
    await expect(login).rejects.toMatchObject({ name: 'AbortError' });
    tokens.open();
    await ahead;
    await seen('POST /auth/logout');
    expect((await tokensOf(store)).refreshToken).toBe(mine.refreshToken);
    const others = tokens.written.filter((next) => next?.refreshToken !== mine.refreshToken);
    expect(others).toHaveLength(writes);
    expect((await client.request('GET', '/auth/sessions')).data.sessions).toHaveLength(1);
  });

  test('a logout during a login takes precedence: no user is logged in, on the client or the server', async () => {
    const { client, email, store, signedOut } = await newClientUser(proxy.baseUrl);
    proxy.seen.length = 0;
    proxy.next('POST /auth/login', heldUntil(delay(300)));
    const login = client.logIn(email, PASSWORD).catch((reason: unknown) => reason);
    await seen('POST /auth/login');
    expect(await client.logOut()).toEqual({ revoked: true });
    expect(await login).toMatchObject({ name: 'AbortError' });
    expect(await store.get()).toBeUndefined();
    await expect.poll(() => proxy.count('POST /auth/logout')).toBe(2);
    await delay(200);
    await client.logIn(email, PASSWORD);
    expect((await client.request('GET', '/auth/sessions')).data.sessions).toHaveLength(1);
    expect(signedOut).toEqual([]);
  });

  test('a text with half a surrogate pair is rejected and not sent', async () => {
    const client = createClient({ baseUrl: proxy.baseUrl });
    await expect(client.logIn('ada@example.com', '\ud800')).rejects.toThrow(URIError);
    expect(proxy.seen).toEqual([]);
  });
});

describe('latchkey-client, logOut', () => {
  test('without a connection, deletes the tokens and reports that the session was not revoked', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    const { refreshToken } = await tokensOf(store);
    proxy.next('POST /auth/logout', cut);
    expect(await client.logOut()).toMatchObject({
      revoked: false,
      error: { name: 'NetworkError' },
    });
    expect(await store.get()).toBeUndefined();
    const other = createClient({ baseUrl: proxy.baseUrl });
    const body = { refresh_token: refreshToken };
    expect((await other.request('POST', '/auth/refresh', { body })).status).toBe(200);
  });

  test('ends the session even if the access token is invalid', async () => {
    const { client, email, store } = await newClientUser(proxy.baseUrl);
    await spoilAccessToken(store);
    expect(await client.logOut()).toEqual({ revoked: true });
    expect(await store.get()).toBeUndefined();
    await client.logIn(email, PASSWORD);
    expect((await client.request('GET', '/auth/sessions')).data.sessions).toHaveLength(1);
  });

  test('with malformed tokens, does not claim that the session has ended', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    await store.set({ ...(await tokensOf(store)), refreshToken: 'x'.repeat(2000) });
    await spoilAccessToken(store);
    expect(await client.logOut()).toMatchObject({
      revoked: false,
      error: { code: 'validation_failed' },
    });
    expect(await store.get()).toBeUndefined();
  });

  test('succeeds if the session has already ended', async () => {
    const { client, email } = await newClientUser(proxy.baseUrl);
    const other = createClient({ baseUrl: proxy.baseUrl });
    await other.logIn(email, PASSWORD);
    await other.request('DELETE', '/auth/sessions');
    expect(await client.logOut()).toEqual({ revoked: true });
  });
});
