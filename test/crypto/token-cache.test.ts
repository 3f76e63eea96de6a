import { expect, test } from 'vitest';
import { createTokenCache } from '../../src/features/sessions/token-cache.ts';

const claims = { userId: 1, sessionId: 'c2Vzc2lvbg', expiresAtSeconds: 2_000_000_000 };
const newKey = () =>
  crypto.subtle.importKey('raw', new Uint8Array(32), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'verify',
  ]);
const names = (count: number) => Array.from({ length: count }, (_, index) => `token ${index}`);

test('keeps what it was given, and nothing for another token', async () => {
  const cache = createTokenCache(10);
  const verified = { claims, key: await newKey() };
  cache.set('a', verified);
  expect(cache.get('a')).toBe(verified);
  expect(cache.get('b')).toBeUndefined();
});

test('keeps no more than it may, however many come', async () => {
  const cache = createTokenCache(10);
  const key = await newKey();
  for (const name of names(1000)) cache.set(name, { claims, key });
  const kept = names(1000).filter((name) => cache.get(name));
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThanOrEqual(10);
});

test('keeps what is asked for again and again, while others come and go', async () => {
  const cache = createTokenCache(10);
  const key = await newKey();
  cache.set('often', { claims, key });
  for (const name of names(1000)) {
    cache.set(name, { claims, key });
    expect(cache.get('often')).toBeDefined();
  }
});

test('forgets what it is told to, young or old', async () => {
  const cache = createTokenCache(10);
  const key = await newKey();
  for (const name of names(7)) cache.set(name, { claims, key });
  for (const name of names(7)) cache.delete(name);
  expect(names(7).filter((name) => cache.get(name))).toEqual([]);
});
