import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  createClient,
  type Fetch,
  memoryTokens,
  type TokenStore,
  type Tokens,
} from '../../src/client/client.ts';
import { problemOf, tokensOf } from '../support/client-user.ts';
import { createTestApp } from '../support/test-app.ts';

const password = 'analytical engine';
const PATH = '/auth/reauthenticate';

/** A client with a logged-in user. `between` runs after the server has answered a re-authentication. */
async function createRoom() {
  const room = await createTestApp();
  const store = memoryTokens();
  const changes: string[] = [];
  const signedOut: string[] = [];
  let between: () => unknown = () => {};
  const fetch: Fetch = async (url, init) => {
    const answer = await room.app.request(url, init);
    if (url.endsWith(PATH)) await between();
    return answer;
  };
  const open = (tokens: TokenStore) =>
    createClient({ baseUrl: '', fetch, tokens, onSignedOut: ({ code }) => signedOut.push(code) });
  const client = open(store);
  await client.signUp({ email: 'ada@example.com', password }, { login: true });
  room.advance(3000);
  client.onChange(({ type }) => changes.push(type));
  return {
    ...room,
    client,
    open,
    store,
    changes,
    signedOut,
    meanwhile: (task: () => unknown) => {
      between = task;
    },
  };
}

type Room = Awaited<ReturnType<typeof createRoom>>;

const authTimeOf = ({ accessToken }: Tokens) => decodeJwt(accessToken).auth_time;
const now = ({ deps }: Room) => deps.clock() / 1000;

describe('reauthenticate', () => {
  test('stores the new access token and keeps the login and its refresh token', async () => {
    for (const way of ['reauthenticate', 'request'] as const) {
      const room = await createRoom();
      const { client, store, changes } = room;
      const before = await tokensOf(store);
      if (way === 'request') await client.request('POST', PATH, { body: { password } });
      else await client.reauthenticate({ password });
      const { accessToken, expiresAt, ...rest } = await tokensOf(store);
      expect(rest).toEqual({ refreshToken: before.refreshToken, login: before.login });
      expect(accessToken).not.toBe(before.accessToken);
      expect(expiresAt).toBeGreaterThanOrEqual(before.expiresAt);
      expect(authTimeOf(await tokensOf(store))).toBe(now(room));
      expect((await client.refreshTokens())?.login).toBe(before.login);
      expect(authTimeOf(await tokensOf(store))).toBe(now(room));
      expect(changes).toEqual(['refresh', 'refresh']);
    }
  });

  test('with a wrong password or code throws and keeps the tokens', async () => {
    const { client, store, changes, signedOut } = await createRoom();
    const before = await tokensOf(store);
    const wrong = await problemOf(client.reauthenticate({ password: 'wrong password' }));
    expect([wrong.status, wrong.code]).toEqual([400, 'wrong_current_password']);
    expect((await problemOf(client.reauthenticate({ code: '024681' }))).code).toBe('invalid_code');
    expect(await tokensOf(store)).toEqual(before);
    expect([changes, signedOut]).toEqual([[], []]);
  });

  test('refreshes an expired access token first', async () => {
    const room = await createRoom();
    const { client, store, advance } = room;
    const before = await tokensOf(store);
    advance(3600);
    await client.reauthenticate({ password });
    const after = await tokensOf(store);
    expect(after.refreshToken).not.toBe(before.refreshToken);
    expect(authTimeOf(after)).toBe(now(room));
    expect((await client.refreshTokens())?.login).toBe(before.login);
  });

  test('keeps the newer refresh token of a refresh that ends before its answer is read', async () => {
    const room = await createRoom();
    const { client, store, signedOut, advance } = room;
    const before = await tokensOf(store);
    room.meanwhile(() => client.refreshTokens());
    await client.reauthenticate({ password });
    const after = await tokensOf(store);
    expect(after.refreshToken).not.toBe(before.refreshToken);
    expect(authTimeOf(after)).toBe(now(room));
    // The server would end the session if the older one were sent now.
    advance(60);
    expect((await client.refreshTokens())?.login).toBe(before.login);
    expect(signedOut).toEqual([]);
  });

  test('stores nothing after a logout or another login that ends first', async () => {
    const room = await createRoom();
    const { client, store } = room;
    room.meanwhile(() => client.logOut());
    await expect(client.reauthenticate({ password })).rejects.toMatchObject({ name: 'AbortError' });
    expect(await store.get()).toBeUndefined();

    await client.logIn('ada@example.com', password);
    let other: Tokens | undefined;
    room.meanwhile(async () => {
      await client.logIn('ada@example.com', password);
      other = await tokensOf(store);
    });
    await expect(client.reauthenticate({ password })).rejects.toMatchObject({ name: 'AbortError' });
    expect(await tokensOf(store)).toEqual(other);
    expect((await client.getProfile()).data.email).toBe('ada@example.com');
  });

  test('without a login throws not_authenticated', async () => {
    const { open } = await createRoom();
    const problem = await problemOf(open(memoryTokens()).reauthenticate({ password }));
    expect(problem.code).toBe('not_authenticated');
  });

  test('is reported to other tabs, whose refresh token stays the same', async () => {
    const room = await createRoom();
    const { client, store } = room;
    const listeners: (() => void)[] = [];
    const tab: TokenStore = {
      get: store.get,
      set: store.set,
      subscribe(listener) {
        listeners.push(listener);
        return () => {};
      },
    };
    const seen: (string | undefined)[] = [];
    room.open(tab).onChange(({ session }) => seen.push(session?.accessToken));
    await client.reauthenticate({ password });
    for (const listener of listeners) listener();
    await expect.poll(() => seen).toEqual([(await tokensOf(store)).accessToken]);
  });
});
