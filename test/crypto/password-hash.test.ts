import { pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_ROUNDS } from '../../src/config/bounds.ts';
import {
  createPasswordHasher,
  isReadableHash,
} from '../../src/features/passwords/password-hash.ts';
import { countDerivations } from '../support/derivations.ts';

const hasher = createPasswordHasher(1);

/** The same scheme, implemented with `node:crypto`. */
function chainByNode(password: string, salt: Buffer, rounds: number): string {
  let material = Buffer.from(password.normalize('NFC'));
  for (let i = 0; i < rounds; i++) material = pbkdf2Sync(material, salt, 100_000, 32, 'sha256');
  const [saltText, hashText] = [salt, material].map((bytes) =>
    bytes.toString('base64').replaceAll('=', ''),
  );
  return `$pbkdf2-sha256-chain$r=${rounds},i=100000$${saltText}$${hashText}`;
}

describe('chained PBKDF2', () => {
  test('[S6] a hash contains its scheme, parameters and 16 random bytes of salt', async () => {
    const [first, second] = [await hasher.hash('same'), await hasher.hash('same')];
    expect(first).toMatch(
      /^\$pbkdf2-sha256-chain\$r=1,i=100000\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
    );
    expect(second).not.toBe(first);
  });

  test.each([1, 2, 6])('agrees with node:crypto at %i rounds', async (rounds) => {
    const stored = chainByNode('pässwörd-日本-🔑', Buffer.from('sixteen byte slt'), rounds);
    expect(await createPasswordHasher(rounds).verify('pässwörd-日本-🔑', stored)).toBe('match');
  });

  test('a fixed vector never changes', async () => {
    const stored =
      '$pbkdf2-sha256-chain$r=2,i=100000$c2l4dGVlbiBieXRlIHNsdA$wOxVDj3DsGmiyKAA4Hq/+GrVJkj95j808ZgHx6IFnQk';
    expect(chainByNode('analytical engine', Buffer.from('sixteen byte slt'), 2)).toBe(stored);
    expect(await createPasswordHasher(2).verify('analytical engine', stored)).toBe('match');
  });

  test('[S1] a password in another Unicode normal form is the same password', async () => {
    const stored = await hasher.hash('Zoë Ångström'.normalize('NFD'));
    expect(await hasher.verify('Zoë Ångström'.normalize('NFC'), stored)).toBe('match');
  });

  test('[S3] byte 73, letter case and a trailing space all count', async () => {
    const long = 'x'.repeat(72);
    const stored = await hasher.hash(`${long}a`);
    expect(await hasher.verify(`${long}b`, stored)).toBe('mismatch');
    expect(await hasher.verify(long, stored)).toBe('mismatch');
    expect(await hasher.verify(`${long}A`, stored)).toBe('mismatch');
    expect(await hasher.verify(`${long}a `, stored)).toBe('mismatch');
  });

  test('[S6] a hash of lower cost needs a rehash, of equal or higher cost does not', async () => {
    const cheap = await hasher.hash('password');
    expect(await createPasswordHasher(2).verify('password', cheap)).toBe('match_needs_rehash');
    expect(await createPasswordHasher(2).verify('passw0rd', cheap)).toBe('mismatch');
    const dear = await createPasswordHasher(2).hash('password');
    expect(await hasher.verify('password', dear)).toBe('match');
  });

  test('[S14] a missing hash costs the same work as a wrong password', async () => {
    const calls = countDerivations();
    await createPasswordHasher(3).verify('anything', null);
    expect(calls.stop()).toBe(3);
  });

  test.each([
    ['passw0rd', 'mismatch'],
    ['password', 'match_needs_rehash'],
  ])('[S14] %s costs the same with a cheaper hash: %s', async (password, verdict) => {
    const cheap = await hasher.hash('password');
    const calls = countDerivations();
    expect(await createPasswordHasher(3).verify(password, cheap)).toBe(verdict);
    expect(calls.stop()).toBe(3);
  });

  test('[S40] the test setup rejects more than 100,000 iterations in one call', async () => {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, [
      'deriveBits',
    ]);
    const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(16) };
    expect(() => crypto.subtle.deriveBits({ ...algorithm, iterations: 100_001 }, key, 256)).toThrow(
      'more than 100000',
    );
    await crypto.subtle.deriveBits({ ...algorithm, iterations: 100_000 }, key, 256);
  });
});

test('a hash of our own is readable', async () => {
  expect(isReadableHash(await hasher.hash('password'))).toBe(true);
});

describe('[S7] hostile stored hashes', () => {
  const salt = 'c2l4dGVlbiBieXRlIHNsdA';
  const hash = 'A'.repeat(43);
  const hostile = [
    '',
    'plain text',
    '$pbkdf2-sha256-chain$',
    `$pbkdf2-sha256-chain$r=1,i=1000000000$${salt}$${hash}`,
    `$pbkdf2-sha256-chain$r=999,i=100000$${salt}$${hash}`,
    `$pbkdf2-sha256-chain$r=${MAX_ROUNDS + 1},i=100000$${salt}$${hash}`,
    `$pbkdf2-sha256-chain$r=0,i=100000$${salt}$${hash}`,
    `$pbkdf2-sha256-chain$r=1,i=0$${salt}$${hash}`,
    `$pbkdf2-sha256-chain$r=1,i=100001$${salt}$${hash}`,
    `$pbkdf2-sha256-chain$r=1,i=100000$${'A'.repeat(1_000_000)}$${hash}`,
    `$pbkdf2-sha256-chain$r=1,i=100000$c2FsdA$${hash}`,
    `$pbkdf2-sha256-chain$r=1,i=100000$${salt}$AAAA`,
    `$pbkdf2-sha256-chain$r=1,i=100000$${'!'.repeat(22)}$${hash}`,
    '$pbkdf2-sha256$1000000000$NqbUGsO4t7Z2TmktBWAMQQ$ZoXA30jpxqYmZe.8ZK9eBy5nkCHKNtQuLkyRjTMsFpA',
    '$pbkdf2-sha256$0$NqbUGsO4t7Z2TmktBWAMQQ$ZoXA30jpxqYmZe.8ZK9eBy5nkCHKNtQuLkyRjTMsFpA',
    `$pbkdf2-sha256$1000$${'A'.repeat(1_000_000)}$ZoXA30jpxqYmZe.8ZK9eBy5nkCHKNtQuLkyRjTMsFpA`,
    '$pbkdf2-sha512$25000$PUfI2bsXIiQE4BwDAECIMQ$short',
    'pbkdf2_sha256$2000001$xNa5mOr56Dg0$6Orn5/bKrmdOQhS3RveQr2xEhYnva3Idl59W5sssUL0=',
    `$pbkdf2-sha512$250001$NqbUGsO4t7Z2TmktBWAMQQ$${'A'.repeat(86)}`,
    'pbkdf2_sha256$999999999$xNa5mOr56Dg0$6Orn5/bKrmdOQhS3RveQr2xEhYnva3Idl59W5sssUL0=',
    '$2b$31$G1XLZ6KBkRNZmp0TqfRreeb4VkIMF6zZN47w2dQcVK8RaWDHcmove',
    '$2b$03$G1XLZ6KBkRNZmp0TqfRreeb4VkIMF6zZN47w2dQcVK8RaWDHcmove',
    '$2x$10$G1XLZ6KBkRNZmp0TqfRreeb4VkIMF6zZN47w2dQcVK8RaWDHcmove',
    '$2b$12$tooshort',
  ];

  test.each(hostile.map((stored) => [stored.slice(0, 60), stored]))(
    '%s is malformed, and costs the same work as a wrong password',
    async (_, stored) => {
      const calls = countDerivations();
      expect(isReadableHash(stored)).toBe(false);
      expect(calls.stop()).toBe(0);
      const work = countDerivations();
      expect(await hasher.verify('password', stored)).toBe('malformed');
      expect(work.stop()).toBe(1);
    },
  );

  test('any text is malformed, without an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (stored) => {
        expect(await hasher.verify('password', stored)).toBe('malformed');
      }),
    );
  });

  test('any text as a parameter is malformed or a mismatch, without an error', async () => {
    const field = fc.oneof(fc.string({ maxLength: 12 }), fc.integer().map(String));
    await fc.assert(
      fc.asyncProperty(field, field, field, fc.string(), async (r, i, s, h) => {
        const stored = `$pbkdf2-sha256-chain$r=${r},i=${i}$${s}$${h}`;
        expect(['malformed', 'mismatch']).toContain(await hasher.verify('password', stored));
      }),
    );
  });
});
