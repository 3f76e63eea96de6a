import { expect, test } from 'vitest';
import { createTokenCache } from '../../src/features/sessions/token-cache.ts';

const claims = { userId: 1, sessionId: 'c2Vzc2lvbg', expiresAtSeconds: 2_000_000_000 };
const newKey = () =>
  crypto.subtle.importKey('raw', new Uint8Array(32), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ]);
const names = (count: number) => Array.from({ length: count }, (_, index) => `token ${index}`);

test('returns the entry of a token, and nothing for another token', async () => {
  const cache = createTokenCache(10);
  const verified = { claims, key: await newKey() };
  cache.set('a', verified);
  expect(cache.get('a')).toBe(verified);
  expect(cache.get('b')).toBeUndefined();
});

test('keeps no more entries than its limit', async () => {
  const cache = createTokenCache(10);
  const key = await newKey();
  for (const name of names(1000)) cache.set(name, { claims, key });
  const kept = names(1000).filter((name) => cache.get(name));
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThanOrEqual(10);
});

test('keeps an entry that is read often, while others are evicted', async () => {
  const cache = createTokenCache(10);
  const key = await newKey();
  cache.set('often', { claims, key });
  for (const name of names(1000)) {
    cache.set(name, { claims, key });
    expect(cache.get('often')).toBeDefined();
  }
});

test('deletes recent and old entries', async () => {
  const cache = createTokenCache(10);
  const key = await newKey();
  for (const name of names(7)) cache.set(name, { claims, key });
  for (const name of names(7)) cache.delete(name);
  expect(names(7).filter((name) => cache.get(name))).toEqual([]);
});
