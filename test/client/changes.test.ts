import { describe, expect, test } from 'vitest';
import {
  createClient,
  type Fetch,
  memoryTokens,
  type SessionChange,
  type TokenStore,
} from '../../src/client/client.ts';
import { createTestApp } from '../support/test-app.ts';
import { unhandledDuring } from '../support/unhandled.ts';

const PASSWORD = 'analytical engine';
const account = { email: 'ada@example.com', password: PASSWORD };

/** A store that notifies its other clients of each change, as `localStorage` does. */
function sharedTokens() {
  const kept = memoryTokens();
  const listeners = new Set<() => void>();
  const open = (): TokenStore => {
    let own: (() => void) | undefined;
    return {
      get: kept.get,
      set(tokens) {
        kept.set(tokens);
        for (const listener of listeners) if (listener !== own) listener();
      },
      subscribe(listener) {
        own = listener;
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
  };
  return { open, listeners };
}

async function newServer() {
  const { app } = await createTestApp();
  const fetch: Fetch = async (url, init) => app.request(url, init);
  const open = (tokens: TokenStore = memoryTokens()) => {
    const client = createClient({ baseUrl: '', fetch, tokens, onSignedOut: () => {} });
    const changes: string[] = [];
    const sessions: SessionChange['session'][] = [];
    const stop = client.onChange(({ type, session }) => {
      changes.push(type);
      sessions.push(session);
    });
    return { client, changes, sessions, stop };
  };
  return { open };
}

describe('getSession and onChange', () => {
  test('report login, refresh, password change and logout', async () => {
    const { client, changes, sessions } = (await newServer()).open();
    expect(await client.getSession()).toBeUndefined();
    await client.signUp(account, { login: true });
    const first = await client.getSession();
    expect(first).toEqual({
      login: expect.any(String),
      accessToken: expect.any(String),
      expiresAt: expect.any(Number),
    });
    const second = await client.refreshTokens();
    expect(second?.login).toBe(first?.login);
    await client.changePassword({ current_password: PASSWORD, new_password: 'difference engine' });
    const third = await client.getSession();
    expect(third?.login).toBe(first?.login);
    await client.logOut();
    expect(await client.getSession()).toBeUndefined();
    await client.logOut();
    await client.getProfile().catch(() => {});
    expect(changes).toEqual(['login', 'refresh', 'refresh', 'logout']);
    expect(sessions).toEqual([first, second, third, undefined]);
    expect(await client.refreshTokens()).toBeUndefined();
  });

  test('report a session that the server ended, once', async () => {
    const { client, changes } = (await newServer()).open();
    await client.signUp(account, { login: true });
    await client.endSessions({ all: true });
    await Promise.allSettled([client.getProfile(), client.getProfile()]);
    await client.getProfile().catch(() => {});
    expect(changes).toEqual(['login', 'lost']);
  });

  test('report a login by phone number; each login has its own id', async () => {
    const { client, changes, sessions } = (await newServer()).open();
    const phone = { phone: '+91 98765 43210', password: 'go to the moon 1969' };
    const { data } = await client.signUpByPhone(phone);
    expect(data.status).toBe('success');
    await client.logInByPhone(phone);
    await client.signUp(account, { login: true });
    expect((await client.getProfile()).data.email).toBe(account.email);
    expect(changes).toEqual(['login', 'login', 'login']);
    expect(new Set(sessions.map((session) => session?.login)).size).toBe(3);
  });

  test('report changes in another tab, if the store does', async () => {
    const server = await newServer();
    const shared = sharedTokens();
    const tab = server.open(shared.open());
    const other = server.open(shared.open());
    await tab.client.signUp(account, { login: true });
    await expect.poll(() => other.changes).toEqual(['login']);
    await tab.client.refreshTokens();
    await expect.poll(() => other.changes).toEqual(['login', 'refresh']);
    expect(other.sessions.at(-1)).toEqual(await tab.client.getSession());
    await tab.client.logOut();
    await expect.poll(() => other.changes).toEqual(['login', 'refresh', 'lost']);
    await other.client.getProfile().catch(() => {});
    expect([tab.changes, other.changes]).toEqual([
      ['login', 'refresh', 'logout'],
      ['login', 'refresh', 'lost'],
    ]);
    for (const { stop } of [tab, other]) stop();
    expect(shared.listeners.size).toBe(0);
  });

  test('report no login before the subscription, and nothing after it is stopped', async () => {
    const server = await newServer();
    const tokens = memoryTokens();
    const before = server.open(tokens);
    await before.client.signUp(account, { login: true });
    before.stop();
    const { client, changes, stop } = server.open(tokens);
    await client.getProfile();
    expect(changes).toEqual([]);
    await client.refreshTokens();
    stop();
    stop();
    await client.logOut();
    expect([before.changes, changes]).toEqual([['login'], ['refresh']]);
  });

  test('a login that is overtaken by a logout is not reported', async () => {
    const { client, changes } = (await newServer()).open();
    await client.signUp(account);
    const [login] = await Promise.allSettled([
      client.logIn(account.email, PASSWORD),
      client.logOut(),
    ]);
    expect(login.status).toBe('rejected');
    const [signUp] = await Promise.allSettled([
      client.signUp({ ...account, email: 'eve@example.com' }, { login: true }),
      client.logOut(),
    ]);
    expect(signUp).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    expect(changes).toEqual([]);
  });

  test('a listener that throws affects no call and no other listener', async () => {
    const { client, changes } = (await newServer()).open();
    const failure = new Error('of the app');
    client.onChange(() => {
      throw failure;
    });
    let calls = 0;
    const count = () => {
      calls += 1;
    };
    client.onChange(count);
    const stop = client.onChange(count);
    stop();
    const unhandled = await unhandledDuring(async () => {
      await client.signUp(account, { login: true });
    });
    expect([unhandled, changes, calls]).toEqual([[failure], ['login'], 1]);
  });
});
