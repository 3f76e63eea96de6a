import { describe, expect, test } from 'vitest';
import {
  memoryTokens,
  parseTokens,
  type WebStorage,
  webStorageTokens,
} from '../../src/client/client.ts';

const tokens = { accessToken: 'a', refreshToken: 'r', expiresAt: 1, login: 'l' };

/** Storage as a browser has it, of strings by name. */
function createStorage(): WebStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

describe('token stores', () => {
  test.each([
    ['memory', () => memoryTokens()],
    ['web storage', () => webStorageTokens(createStorage())],
  ])('%s gives what was stored last, and nothing once it is removed', (_, create) => {
    const store = create();
    expect(store.get()).toBeUndefined();
    store.set(tokens);
    store.set({ ...tokens, accessToken: 'b' });
    expect(store.get()).toEqual({ ...tokens, accessToken: 'b' });
    store.set(undefined);
    expect(store.get()).toBeUndefined();
  });

  test('two keys of one storage are two stores', () => {
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
  ])('a stored %s counts as none', (text) => {
    expect(parseTokens(text)).toBeUndefined();
  });

  test('members that are not ours are left behind', () => {
    expect(parseTokens(JSON.stringify({ ...tokens, more: 1 }))).toEqual(tokens);
  });
});
