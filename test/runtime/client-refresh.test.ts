import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createClient, NetworkError, type Tokens } from '../../src/client/client.ts';
import {
  newClientUser,
  PASSWORD,
  problemOf,
  spoilAccessToken,
  tokensOf,
} from '../support/client-user.ts';
import {
  after,
  cut,
  type FaultProxy,
  halfAnswer,
  heldUntil,
  loseAnswer,
  page,
  startFaultProxy,
} from '../support/fault-proxy.ts';
import { startTarget, type Target } from '../support/targets.ts';

const REFRESH = 'POST /auth/refresh';
const PROFILE = 'GET /profile/me';

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

/** A store like that of React Native, where every access takes time. */
function slowTokens() {
  let kept: Tokens | undefined;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 5));
  return {
    get: () => pause().then(() => kept),
    set: (tokens: Tokens | undefined) =>
      pause().then(() => {
        kept = tokens;
      }),
  };
}

/** Returns a promise that is pending until the test opens the gate. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

const seen = (what: string, times = 1) =>
  expect.poll(() => proxy.count(what), { interval: 5, timeout: 10_000 }).toBe(times);

/** Resolves when this many calls have been rejected and the client has had time to notice. */
async function allRefused(calls: number): Promise<void> {
  await seen(PROFILE, calls);
  await delay(300);
}

describe('latchkey-client, refresh', () => {
  test.each([
    ['fast', undefined],
    ['slow', slowTokens()],
  ])(
    '20 concurrent calls with an expired token share one refresh and all succeed (store: %s)',
    async (_, tokens) => {
      const { client, store } = await newClientUser(proxy.baseUrl, tokens ? { tokens } : {});
      const before = await tokensOf(store);
      await spoilAccessToken(store);
      const answers = await Promise.all(Array.from({ length: 20 }, () => client.getProfile()));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(proxy.count(REFRESH)).toBe(1);
      const after = await tokensOf(store);
      expect(after.refreshToken).not.toBe(before.refreshToken);
      expect(after.login).toBe(before.login);
      await client.getProfile();
      expect(proxy.count(REFRESH)).toBe(1);
    },
  );

  test('a call with a body is repeated completely', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    await spoilAccessToken(store);
    expect((await client.updateProfile({ bio: 'Twice sent.' })).data.bio).toBe('Twice sent.');
    expect(proxy.count('PUT /profile/me')).toBe(2);
  });

  test('an expired token is refreshed before the call', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    await store.set({ ...(await tokensOf(store)), expiresAt: Date.now() - 1 });
    proxy.seen.length = 0;
    await Promise.all([client.getProfile(), client.getProfile()]);
    expect(proxy.seen).toEqual([REFRESH, PROFILE, PROFILE]);
    expect((await tokensOf(store)).expiresAt).toBeGreaterThan(Date.now() + 3_500_000);
  });

  test('if the clock is wrong and a refresh fails, a valid token still works', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    await store.set({ ...(await tokensOf(store)), expiresAt: 0 });
    const later = page(503, {}, '{"code":"database_unavailable","detail":"Later."}');
    proxy.next(REFRESH, later, later);
    expect((await client.getProfile()).status).toBe(200);
    await spoilAccessToken(store);
    proxy.next(REFRESH, cut, cut);
    await expect(client.getProfile()).rejects.toThrow(NetworkError);
    expect(proxy.count(REFRESH)).toBe(4);
  });

  test.each([
    ['lost', loseAnswer],
    ['cut in half', halfAnswer],
    ['replaced by the page of a proxy', page(502)],
    ['a 503 of the API', page(503, {}, '{"code":"database_unavailable","detail":"Later."}')],
    ['a 500 of the API', page(500, {}, '{"code":"internal_error","detail":"Sorry."}')],
  ])(
    'a refresh whose response is %s is repeated, and the user stays logged in',
    async (_, fault) => {
      const { client, store, signedOut } = await newClientUser(proxy.baseUrl);
      await spoilAccessToken(store);
      proxy.next(REFRESH, fault);
      expect((await client.getProfile()).status).toBe(200);
      expect(proxy.count(REFRESH)).toBe(2);
      await spoilAccessToken(store);
      expect((await client.getProfile()).status).toBe(200);
      expect(signedOut).toEqual([]);
    },
  );

  test('a refresh that hangs is repeated while the server still accepts its token', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    await spoilAccessToken(store);
    const hung = gate();
    proxy.next(REFRESH, heldUntil(hung.opened));
    expect((await client.getProfile()).status).toBe(200);
    expect(proxy.count(REFRESH)).toBe(2);
    hung.open();
  });

  test.each([
    ['no connection', NetworkError, cut, 2],
    ['a 503', { status: 503 }, page(503, {}, '{"code":"x","detail":"Later."}'), 2],
    ['a 429', { status: 429 }, page(429, {}, '{"code":"x","detail":"Later."}'), 1],
  ])(
    '%s at the refresh: the calls fail with it and the tokens are kept',
    async (_, failure, fault, tries) => {
      const { client, store, signedOut } = await newClientUser(proxy.baseUrl);
      await spoilAccessToken(store);
      const before = await store.get();
      const ready = allRefused(2);
      proxy.next(REFRESH, ...Array.from({ length: tries }, () => after(ready, fault)));
      const calls = await Promise.allSettled([client.getProfile(), client.getProfile()]);
      for (const call of calls) {
        const reason: unknown = call.status === 'rejected' && call.reason;
        if (failure === NetworkError) expect(reason).toBeInstanceOf(failure);
        else expect(reason).toMatchObject(failure);
      }
      expect(proxy.count(REFRESH)).toBe(tries);
      expect(await store.get()).toEqual(before);
      expect(signedOut).toEqual([]);
    },
  );

  test('after the server has ended the login, the tokens are deleted, onSignedOut is called once, and every call fails with the reason', async () => {
    const { client, email, store, signedOut } = await newClientUser(proxy.baseUrl);
    const other = createClient({ baseUrl: proxy.baseUrl });
    await other.logIn(email, PASSWORD);
    await other.request('DELETE', '/auth/sessions');
    proxy.next(REFRESH, heldUntil(allRefused(5)));
    const calls = Array.from({ length: 5 }, () => problemOf(client.getProfile()));
    const problems = await Promise.all(calls);
    expect(problems.map(({ code }) => code)).toEqual(problems.map(() => 'invalid_refresh_token'));
    expect(await store.get()).toBeUndefined();
    expect([signedOut, proxy.count(REFRESH)]).toEqual([['invalid_refresh_token'], 1]);
    expect((await problemOf(client.getProfile())).code).toBe('not_authenticated');
    expect(signedOut).toHaveLength(1);
  });

  test('a malformed refresh token also ends the login', async () => {
    const { client, store, signedOut } = await newClientUser(proxy.baseUrl);
    await store.set({ ...(await tokensOf(store)), refreshToken: 'x'.repeat(2000) });
    await spoilAccessToken(store);
    expect((await problemOf(client.getProfile())).code).toBe('validation_failed');
    expect([await store.get(), signedOut]).toEqual([undefined, ['validation_failed']]);
  });

  test('a token that is rejected right after a refresh is not refreshed again', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    await spoilAccessToken(store);
    const dead = '{"code":"invalid_token","detail":"Could not validate credentials."}';
    proxy.next(PROFILE, page(401, {}, dead), page(401, {}, dead));
    expect((await problemOf(client.getProfile())).code).toBe('invalid_token');
    expect([proxy.count(REFRESH), proxy.count(PROFILE)]).toEqual([1, 2]);
    expect(await store.get()).toBeDefined();
  });
});

describe('latchkey-client, a login or logout during a refresh', () => {
  async function duringRefresh(tokens = slowTokens()) {
    const user = await newClientUser(proxy.baseUrl, { tokens });
    await spoilAccessToken(tokens);
    const answer = gate();
    proxy.next(REFRESH, heldUntil(answer.opened));
    const call = problemOf(user.client.updateProfile({ bio: 'of the old user' }));
    await seen(REFRESH);
    return { ...user, call, answer };
  }

  test('a logout discards the new tokens, and the waiting call fails', async () => {
    const { client, store, call, answer, signedOut } = await duringRefresh();
    const loggedOut = client.logOut();
    answer.open();
    expect((await call).code).toBe('invalid_token');
    expect(await loggedOut).toEqual({ revoked: true });
    expect([await store.get(), signedOut]).toEqual([undefined, []]);
  });

  test('a logout while the new tokens are being written takes effect after the write', async () => {
    let kept: Tokens | undefined;
    let onWrite = () => {};
    const tokens = {
      get: async () => kept,
      // Writing tokens takes longer than deleting them.
      set: async (next: Tokens | undefined) => {
        onWrite();
        if (next) await delay(50);
        kept = next;
      },
    };
    const { client } = await newClientUser(proxy.baseUrl, { tokens });
    await spoilAccessToken(tokens);
    const loggedOut = new Promise<unknown>((resolve) => {
      onWrite = () => {
        onWrite = () => {};
        resolve(client.logOut());
      };
    });
    await Promise.allSettled([client.getProfile()]);
    expect(await loggedOut).toEqual({ revoked: true });
    await delay(100);
    expect(kept).toBeUndefined();
  });

  test('a new login is kept, and a call of the previous user is not continued as the new user', async () => {
    const other = await newClientUser(proxy.baseUrl);
    const { client, store, call, answer } = await duringRefresh();
    await client.logIn(other.email, PASSWORD);
    const fresh = await store.get();
    answer.open();
    expect((await call).code).toBe('invalid_token');
    expect(await store.get()).toEqual(fresh);
    const { data } = await client.getProfile();
    expect([data.email, data.bio]).toEqual([other.email, '']);
  });

  test('after a logout, a rejected refresh does not call onSignedOut', async () => {
    const { client, email, store, signedOut } = await newClientUser(proxy.baseUrl);
    const other = createClient({ baseUrl: proxy.baseUrl });
    await other.logIn(email, PASSWORD);
    await other.request('DELETE', '/auth/sessions');
    const answer = gate();
    proxy.next(REFRESH, heldUntil(answer.opened));
    const call = problemOf(client.getProfile());
    await seen(REFRESH);
    const loggedOut = client.logOut();
    answer.open();
    expect((await call).code).toBe('invalid_token');
    expect(await loggedOut).toEqual({ revoked: true });
    expect([await store.get(), signedOut]).toEqual([undefined, []]);
  });
});
