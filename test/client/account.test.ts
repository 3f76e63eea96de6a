import { describe, expect, test } from 'vitest';
import { createClient, type Fetch, memoryTokens } from '../../src/client/client.ts';
import { problemOf } from '../support/client-user.ts';
import { createTestApp } from '../support/test-app.ts';

const password = 'analytical engine';

/** A client with a logged-in user. `between` runs after the server has answered a deletion. */
async function createRoom() {
  const room = await createTestApp();
  const store = memoryTokens();
  const changes: string[] = [];
  const signedOut: string[] = [];
  let between: () => unknown = () => {};
  const fetch: Fetch = async (url, init) => {
    const answer = await room.app.request(url, init);
    if (init.method === 'DELETE') await between();
    return answer;
  };
  const client = createClient({
    ...{ baseUrl: '', fetch, tokens: store },
    onSignedOut: ({ code }) => signedOut.push(code),
  });
  await client.signUp({ email: 'ada@example.com', password }, { login: true });
  client.onChange(({ type }) => changes.push(type));
  const meanwhile = (task: () => unknown) => {
    between = task;
  };
  return { ...room, client, store, changes, signedOut, meanwhile };
}

describe('deleteAccount', () => {
  test.each(['deleteAccount', 'request'] as const)('by %s deletes the tokens', async (way) => {
    const { client, store, changes, signedOut } = await createRoom();
    if (way === 'request') await client.request('DELETE', '/profile/me');
    else await client.deleteAccount();
    expect(await store.get()).toBeUndefined();
    expect(changes).toEqual(['logout']);
    expect((await problemOf(client.getProfile())).code).toBe('not_authenticated');
    expect(signedOut).toEqual([]);
  });

  test('that is refused keeps the tokens', async () => {
    const { client, store, changes, advance } = await createRoom();
    advance(601);
    expect((await problemOf(client.deleteAccount())).code).toBe('reauthentication_required');
    await client.reauthenticate({ password });
    expect(await store.get()).toBeDefined();
    await client.deleteAccount();
    expect(changes).toEqual(['refresh', 'logout']);
  });

  test('keeps the tokens of a user who has logged in meanwhile', async () => {
    const { client, changes, meanwhile } = await createRoom();
    meanwhile(async () => {
      meanwhile(() => {});
      await client.signUp({ email: 'eve@example.com', password }, { login: true });
    });
    await client.deleteAccount();
    expect((await client.getProfile()).data.email).toBe('eve@example.com');
    expect(changes).toEqual(['login']);
  });
});

describe('exportAccount', () => {
  test('returns what is stored', async () => {
    const { client } = await createRoom();
    const { status, data } = await client.exportAccount();
    expect([status, data.profile.email]).toEqual([200, 'ada@example.com']);
    expect(data.events.map(({ action }) => action)).toEqual(['signup', 'login', 'account_export']);
    expect(data.account.has_password).toBe(true);
  });

  test('throws unexpected_answer for a text that breaks off', async () => {
    const { client, app } = await createRoom();
    const cut: Fetch = async (url, init) => {
      const answer = await app.request(url, init);
      const text = await answer.text();
      const { status, headers } = answer;
      return { status, headers, text: async () => text.slice(0, -1) };
    };
    const other = createClient({ baseUrl: '', fetch: cut, tokens: memoryTokens() });
    const login = await app.request('/auth/login', {
      ...{ method: 'POST', body: new URLSearchParams({ username: 'ada@example.com', password }) },
    });
    expect(await client.getSession()).toBeDefined();
    await other.adoptTokens((await login.json()) as Parameters<typeof other.adoptTokens>[0]);
    expect((await problemOf(other.exportAccount())).code).toBe('unexpected_answer');
  });
});
