import { describe, expect, test } from 'vitest';
import {
  createClient,
  memoryTokens,
  parseTokens,
  type SecureStore,
  secureStoreTokens,
  type WebStorage,
  webStorageTokens,
} from '../../src/client/client.ts';
import { createTestApp } from '../support/test-app.ts';

const tokens = { accessToken: 'a', refreshToken: 'r', expiresAt: 1, login: 'l' };

/** A storage of strings by key, as in a browser. */
function createStorage(): WebStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

/** A secure store with the restrictions on keys and values of Expo's. */
function createSecureStore() {
  const items = new Map<string, string>();
  const checked = (key: string): string => {
    if (!/^[\w.-]+$/.test(key)) throw new Error('Invalid key');
    return key;
  };
  const secureStore: SecureStore = {
    getItemAsync: async (key) => items.get(checked(key)) ?? null,
    async setItemAsync(key, value) {
      if (value.length > 2048) throw new Error('Value is larger than 2048 bytes');
      items.set(checked(key), value);
    },
    deleteItemAsync: async (key) => void items.delete(checked(key)),
  };
  return { secureStore, items };
}

describe('token stores', () => {
  test.each([
    ['memory', () => memoryTokens()],
    ['web storage', () => webStorageTokens(createStorage())],
    ['secure store', () => secureStoreTokens(createSecureStore().secureStore)],
  ])(
    '%s returns the tokens that were stored last, and nothing after they are removed',
    async (_, create) => {
      const store = create();
      expect(await store.get()).toBeUndefined();
      await store.set(tokens);
      await store.set({ ...tokens, accessToken: 'b' });
      expect(await store.get()).toEqual({ ...tokens, accessToken: 'b' });
      await store.set(undefined);
      expect(await store.get()).toBeUndefined();
    },
  );

  test.each(['HS256', 'ES256', 'EdDSA'])(
    'a secure store can hold the longest tokens of %s',
    async (algorithm) => {
      const { app } = await createTestApp({
        ALGORITHM: algorithm,
        JWT_ISSUER: 'i'.repeat(255),
        JWT_AUDIENCE: 'a'.repeat(255),
      });
      const { secureStore, items } = createSecureStore();
      const client = createClient({
        baseUrl: '',
        fetch: async (url, init) => app.request(url, init),
        tokens: secureStoreTokens(secureStore),
        onStoreError(error) {
          throw error;
        },
      });
      const account = { email: 'ada@example.com', password: 'analytical engine' };
      await client.signUp(account, { login: true });
      await client.refreshTokens();
      expect((items.get('latchkey') ?? '').length).toBeGreaterThan(1000);
      expect((await client.getProfile()).data.email).toBe(account.email);
      await client.logOut();
      expect([...items.keys()]).toEqual(['latchkey.devices']);
    },
  );

  test('two keys of one storage are separate stores', () => {
    const storage = createStorage();
    webStorageTokens(storage, 'one').set(tokens);
    expect(webStorageTokens(storage, 'other').get()).toBeUndefined();
    expect(webStorageTokens(storage, 'one').get()).toEqual(tokens);
    webStorageTokens(storage, 'one').set(undefined);
    expect(storage.items.size).toBe(0);
  });

  test.each([
    null,
    undefined,
    '',
    'null',
    '{',
    '[]',
    '5',
    '"text"',
    '{}',
    JSON.stringify({ ...tokens, accessToken: 5 }),
    JSON.stringify({ ...tokens, refreshToken: undefined }),
    JSON.stringify({ ...tokens, expiresAt: null }),
    JSON.stringify({ ...tokens, login: {} }),
  ])('a stored %s counts as no tokens', (text) => {
    expect(parseTokens(text)).toBeUndefined();
  });

  test('unknown members are dropped', () => {
    expect(parseTokens(JSON.stringify({ ...tokens, more: 1 }))).toEqual(tokens);
  });
});
