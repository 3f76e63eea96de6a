import { expect, test } from 'vitest';
import { memoryTokens, type Tokens } from '../../src/client/client.ts';
import { newClientUser, problemOf, spoilAccessToken, tokensOf } from '../support/client-user.ts';
import { emptyFolder, startServer } from '../support/server.ts';
import { unhandledDuring } from '../support/unhandled.ts';

const FULL = new Error('QuotaExceededError');

/** A store that can become full, like `localStorage`. */
function fullTokens() {
  const kept = memoryTokens();
  let isFull = false;
  return {
    get: kept.get,
    set(tokens: Tokens | undefined) {
      if (isFull) throw FULL;
      return kept.set(tokens);
    },
    fill(full: boolean) {
      isFull = full;
    },
  };
}

/** Starts a server that never accepts a refresh token twice. */
const startStrictServer = (settings: Record<string, string> = {}) =>
  startServer('node', emptyFolder(), { REFRESH_GRACE_SECONDS: '0', ...settings });

test('tokens that cannot be stored are used from memory, and the old ones are never used again', async () => {
  const { baseUrl } = await startStrictServer();
  const tokens = fullTokens();
  const failures: unknown[] = [];
  let isDead = false;
  const { client, store, signedOut } = await newClientUser(baseUrl, {
    tokens,
    onStoreError: (error) => failures.push(error),
    // The test cannot corrupt a token in memory, so it corrupts the token in the request.
    fetch(url, { headers, ...init }) {
      const spoiled = isDead && url.endsWith('/profile/me') ? { Authorization: 'Bearer x' } : {};
      isDead &&= !url.endsWith('/profile/me');
      return fetch(url, { ...init, headers: { ...headers, ...spoiled } });
    },
  });
  const before = await tokensOf(store);
  tokens.fill(true);
  for (const tries of [1, 2, 3]) {
    isDead = true;
    expect((await client.getProfile()).status).toBe(200);
    expect(failures).toEqual(Array.from({ length: tries }, () => FULL));
  }
  expect(await store.get()).toEqual(before);
  tokens.fill(false);
  isDead = true;
  expect((await client.getProfile()).status).toBe(200);
  expect([failures.length, signedOut]).toEqual([3, []]);
  const after = await tokensOf(store);
  expect(after.login).toBe(before.login);
  expect(after.refreshToken).not.toBe(before.refreshToken);
});

test('a logout takes effect even if the store cannot be emptied', async () => {
  const { baseUrl } = await startStrictServer();
  const tokens = fullTokens();
  const failures: unknown[] = [];
  const { client, signedOut } = await newClientUser(baseUrl, {
    tokens,
    onStoreError: (error) => failures.push(error),
  });
  tokens.fill(true);
  expect(await client.logOut()).toEqual({ revoked: true });
  expect((await problemOf(client.getProfile())).code).toBe('not_authenticated');
  expect([failures, signedOut]).toEqual([[FULL], []]);
});

test('without onStoreError, the failure is an unhandled rejection, and the call succeeds', async () => {
  const { baseUrl } = await startStrictServer();
  const tokens = fullTokens();
  const { client, store } = await newClientUser(baseUrl, { tokens });
  await spoilAccessToken(store);
  tokens.fill(true);
  const unhandled = await unhandledDuring(async () => {
    expect((await client.getProfile()).status).toBe(200);
  });
  expect(unhandled).toEqual([FULL]);
});

test('POST /auth/refresh over its limit: the call fails with 429 and Retry-After, and the tokens are kept', async () => {
  const { baseUrl } = await startStrictServer({ RATE_LIMIT_REFRESH: '1/60s' });
  const { client, store, signedOut } = await newClientUser(baseUrl);
  await spoilAccessToken(store);
  expect((await client.getProfile()).status).toBe(200);
  await spoilAccessToken(store);
  const before = await tokensOf(store);
  const problem = await problemOf(client.getProfile());
  expect([problem.status, problem.code]).toEqual([429, 'too_many_requests']);
  expect(problem.retryAfter).toBeGreaterThan(0);
  expect(problem.retryAfter).toBeLessThanOrEqual(60);
  expect([await store.get(), signedOut]).toEqual([before, []]);
});
