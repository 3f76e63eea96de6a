import { pbkdf2Sync } from 'node:crypto';
import { expect, test } from 'vitest';
import { createPasswordHasher } from '../../src/features/passwords/password-hash.ts';
import { hashVectors, REFUSED_HASHES } from '../support/hash-vectors.ts';

const { verify, hash } = createPasswordHasher(1);

test('docs/hash-format.md has vectors in ASCII, not in NFC, and of other rounds than the default', () => {
  const vectors = hashVectors();
  expect(vectors).toHaveLength(3);
  expect(vectors.map(({ password }) => password.normalize('NFC') === password)).toEqual([
    ...[true, false, true],
  ]);
  expect(vectors.map(({ hash }) => /r=\d+,i=\d+/.exec(hash)?.[0])).toEqual([
    ...['r=6,i=100000', 'r=6,i=100000', 'r=2,i=1000'],
  ]);
});

test.each(hashVectors())('$hash is verified by the hasher', async ({ password, hash, first }) => {
  expect(await verify(password, hash)).toMatch(/^match/);
  expect(await verify(password.normalize('NFC'), hash)).toMatch(/^match/);
  expect(await verify(`${password} `, hash)).toBe('mismatch');
  const [, iterations = '', salt = ''] = /i=(\d+)\$([^$]+)/.exec(hash) ?? [];
  const key = pbkdf2Sync(
    ...([password.normalize('NFC'), Buffer.from(salt, 'base64'), Number(iterations)] as const),
    ...([32, 'sha256'] as const),
  );
  expect(key.toString('hex')).toBe(first);
});

test.each(REFUSED_HASHES)('%s is malformed', async (stored) => {
  expect(await verify('correct horse battery staple', stored)).toBe('malformed');
});

test('a new hash has the format of the page', async () => {
  expect(await hash('a')).toMatch(
    /^\$pbkdf2-sha256-chain\$r=1,i=100000\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
  );
});
