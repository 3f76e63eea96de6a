import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isGuessable } from '../../src/config/secret-strength.ts';

describe('[S10] a secret of low entropy', () => {
  test.each([
    'changeme-changeme-changeme-changeme',
    'changemechangemechangemechangeme',
    'abcdefghaaaaaaaaaaaaaaaaaaaaaaaa',
    `abcdefgh${'a'.repeat(100)}`,
    'abcdefgh'.repeat(8),
    'abcdefghijklmnopqrstuvwxyz012345',
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
    'zyxwvutsrqponmlkjihgfedcba987654',
    '0123456789'.repeat(4),
    '9876543210'.repeat(4),
    '0123456789abcdefFEDCBA9876543210',
    'deadbeefdeadbeefdeadbeefdeadbeef',
    'DeadBeef-DEADBEEF-deadbeef-deadBEEF',
    'aaaabbbbccccddddeeeeffffgggghhhh',
    '11223344556677889900112233445566',
    'password123password123password123',
    'Password-1234-Password-1234-Password',
    'qwertyuiopasdfghjklzxcvbnm123456',
    'qwertyuiop[]asdfghjkl;zxcvbnm,./',
    '1qaz2wsx3edc4rfv1qaz2wsx3edc4rfv',
    'please-change-this-secret-in-production',
    'àáâãäåæçèéêëìíîï',
  ])('%s is guessable', (secret) => {
    expect(isGuessable(secret)).toBe(true);
    expect(isGuessable(`${secret}\n`)).toBe(true);
  });

  test('a short text is guessable, however often it is repeated', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ -~]{1,9}$/),
        fc.integer({ min: 4, max: 60 }),
        (unit, times) => isGuessable(unit.repeat(times)),
      ),
    );
  });

  test('a thousand characters are checked within half a second', () => {
    const secret = Array.from({ length: 1024 }, (_, i) =>
      String.fromCodePoint(33 + ((i * i) % 89)),
    );
    const start = performance.now();
    isGuessable(secret.join(''));
    isGuessable('ab'.repeat(512));
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('[S10] a random secret is never rejected', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const uuid = fc.uuid({ version: 4 });
  const text = (encoding: BufferEncoding) => (random: Uint8Array) =>
    Buffer.from(random).toString(encoding);

  test.each<[string, fc.Arbitrary<string>]>([
    // `noBias`, because fast-check prefers bytes such as 0 and 255, unlike a random generator.
    ['16 bytes in hexadecimal', fc.noBias(bytes(16)).map(text('hex'))],
    ['32 bytes in hexadecimal', fc.noBias(bytes(32)).map(text('hex'))],
    ['32 bytes in base64', fc.noBias(bytes(32)).map(text('base64'))],
    ['24 bytes in base64url', fc.noBias(bytes(24)).map(text('base64url'))],
    ['openssl rand -base64 48', fc.noBias(bytes(48)).map(text('base64'))],
    ['a UUID', fc.noBias(uuid)],
    ['two UUIDs', fc.tuple(fc.noBias(uuid), fc.noBias(uuid)).map((pair) => pair.join(''))],
    ['32 lower-case letters and digits', fc.noBias(fc.stringMatching(/^[a-z0-9]{32}$/))],
  ])('%s', (_, secrets) => {
    fc.assert(
      fc.property(secrets, (secret) => !isGuessable(secret)),
      { numRuns: 3000 },
    );
  });

  test('a passphrase of random words', () => {
    expect(isGuessable('orbit velvet hammer quiz ladder mango frost')).toBe(false);
  });
});
