import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ClientOptions, createClient, type ProblemError } from '../../src/client/client.ts';
import {
  type ClientUser,
  newClientUser,
  PASSWORD,
  problemOf,
  spoilAccessToken,
  tokensOf,
} from '../support/client-user.ts';
import { after, cut, type FaultProxy, heldUntil, startFaultProxy } from '../support/fault-proxy.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { unhandledDuring } from '../support/unhandled.ts';

const REFRESH = 'POST /auth/refresh';
const PROFILE = 'GET /profile/me';
const never = new Promise<never>(() => {});

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

/** Creates another client of a user's store, like that of another tab. */
function besides({ store }: ClientUser, options: Partial<ClientOptions> = {}) {
  const signedOut: string[] = [];
  const onSignedOut = ({ code }: ProblemError) => signedOut.push(code);
  const client = createClient({ baseUrl: proxy.baseUrl, tokens: store, onSignedOut, ...options });
  return { client, signedOut };
}

async function endAtServer({ email }: ClientUser): Promise<void> {
  const other = createClient({ baseUrl: proxy.baseUrl });
  await other.logIn(email, PASSWORD);
  await other.request('DELETE', '/auth/sessions');
}

describe('latchkey-client, a refresh while a call waits', () => {
  test('two attempts that hang end within the server’s grace period', async () => {
    const { client, store } = await newClientUser(proxy.baseUrl);
    await spoilAccessToken(store);
    proxy.next(REFRESH, heldUntil(never), heldUntil(never));
    const start = performance.now();
    await expect(client.getProfile()).rejects.toMatchObject({ timedOut: true });
    expect(performance.now() - start).toBeLessThan(10_000);
    expect((await client.getProfile()).status).toBe(200);
  });

  test('if its first attempt was lost while another client refreshed, it uses the other client’s tokens', async () => {
    const user = await newClientUser(proxy.baseUrl);
    const { client } = besides(user);
    await spoilAccessToken(user.store);
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    proxy.next(REFRESH, after(opened, cut));
    const slept = user.client.getProfile();
    await seen(REFRESH);
    expect((await client.getProfile()).status).toBe(200);
    open();
    expect((await slept).status).toBe(200);
    expect(proxy.count(REFRESH)).toBe(2);
  });
});

describe('latchkey-client, onSignedOut of clients that share a store', () => {
  test('each client calls it once after the server has ended the login', async () => {
    const user = await newClientUser(proxy.baseUrl);
    const other = besides(user);
    await other.client.getProfile();
    await endAtServer(user);
    expect((await problemOf(user.client.getProfile())).code).toBe('invalid_refresh_token');
    expect((await problemOf(other.client.getProfile())).code).toBe('not_authenticated');
    expect((await problemOf(other.client.getProfile())).code).toBe('not_authenticated');
    expect([user.signedOut, other.signedOut]).toEqual([
      ['invalid_refresh_token'],
      ['not_authenticated'],
    ]);
  });

  test('after a logout of one client, the other calls it, but not a client that has seen no login', async () => {
    const user = await newClientUser(proxy.baseUrl);
    const other = besides(user);
    const stranger = besides(user);
    await other.client.getProfile();
    await user.client.logOut();
    for (const { client } of [user, other, stranger]) await problemOf(client.getProfile());
    expect([user.signedOut, other.signedOut, stranger.signedOut]).toEqual([
      [],
      ['not_authenticated'],
      [],
    ]);
    await user.client.logIn(user.email, PASSWORD);
    await other.client.getProfile();
    await user.client.logOut();
    await problemOf(other.client.getProfile());
    expect(other.signedOut).toHaveLength(2);
  });

  test('after a logout of one client during a call of the other, that call triggers it', async () => {
    const user = await newClientUser(proxy.baseUrl);
    const other = besides(user);
    let loggedOut: Promise<unknown> = never;
    proxy.next(PROFILE, async (exchange) => {
      loggedOut = user.client.logOut();
      await loggedOut;
      exchange.reply(await exchange.forward());
    });
    expect((await problemOf(other.client.getProfile())).code).toBe('invalid_token');
    expect([await loggedOut, user.signedOut, other.signedOut]).toEqual([
      { revoked: true },
      [],
      ['invalid_token'],
    ]);
  });

  test('an exception in it does not affect the call and becomes an unhandled rejection', async () => {
    const failure = new Error('of the app');
    const user = await newClientUser(proxy.baseUrl, {
      onSignedOut() {
        throw failure;
      },
    });
    await endAtServer(user);
    const unhandled = await unhandledDuring(async () => {
      expect((await problemOf(user.client.getProfile())).code).toBe('invalid_refresh_token');
    });
    expect(unhandled).toEqual([failure]);
    await expect(tokensOf(user.store)).rejects.toThrow('nobody is logged in');
  });
});
