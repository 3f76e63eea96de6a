import { expect, test } from 'vitest';
import { createKeptTokens } from '../../src/client/kept-tokens.ts';
import { memoryTokens, type Tokens } from '../../src/client/tokens.ts';

const tokens = (refreshToken: string): Tokens => ({
  accessToken: `access of ${refreshToken}`,
  refreshToken,
  expiresAt: 1,
  login: 'l',
});

const FULL = new Error('the quota is used up');

/** A store that two tabs share, and one tab's view of it, whose writes fail while `isFull`. */
function sharedStore() {
  const store = memoryTokens();
  const errors: unknown[] = [];
  const tab = { isFull: false };
  const kept = createKeptTokens(
    {
      get: store.get,
      set: (next) => {
        if (tab.isFull) throw FULL;
        return store.set(next);
      },
    },
    (error) => errors.push(error),
  );
  return { store, tab, kept, errors };
}

test('unwritten tokens are used while the store holds their predecessors', async () => {
  const { store, tab, kept, errors } = sharedStore();
  await kept.set(tokens('first'));
  tab.isFull = true;
  await kept.set(tokens('second'));
  expect(errors).toEqual([FULL]);
  expect(store.get()).toEqual(tokens('first'));
  expect(await kept.get()).toEqual(tokens('second'));
});

test('tokens that another tab has written replace unwritten ones', async () => {
  const { store, tab, kept } = sharedStore();
  await kept.set(tokens('first'));
  tab.isFull = true;
  await kept.set(tokens('second'));
  await store.set(tokens('of the other tab'));
  expect(await kept.get()).toEqual(tokens('of the other tab'));
  await store.set(undefined);
  expect(await kept.get()).toBeUndefined();
});

test('an unwritten logout is effective until another tab logs in', async () => {
  const { store, tab, kept } = sharedStore();
  await kept.set(tokens('first'));
  tab.isFull = true;
  await kept.set(undefined);
  expect(await kept.get()).toBeUndefined();
  await store.set(tokens('another login'));
  expect(await kept.get()).toEqual(tokens('another login'));
});

test('an unwritten login is used only while the store is empty', async () => {
  const { store, tab, kept } = sharedStore();
  tab.isFull = true;
  await kept.set(tokens('first'));
  expect(await kept.get()).toEqual(tokens('first'));
  await store.set(tokens('of the other tab'));
  expect(await kept.get()).toEqual(tokens('of the other tab'));
});

test('after a successful write, the store counts, even if it reverts', async () => {
  const { store, tab, kept } = sharedStore();
  await kept.set(tokens('first'));
  tab.isFull = true;
  await kept.set(tokens('second'));
  tab.isFull = false;
  await kept.set(tokens('third'));
  await store.set(tokens('first'));
  expect(await kept.get()).toEqual(tokens('first'));
});
