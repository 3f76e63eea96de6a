import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import { AppError } from '../../src/core/errors.ts';
import { createLogger } from '../../src/core/log.ts';
import {
  createPasswordHasher,
  isReadableHash,
} from '../../src/features/passwords/password-hash.ts';
import { slowHashesInPlace } from '../../src/features/passwords/schemes/compute-in-place.ts';
import { parseLegacyHash } from '../../src/features/passwords/schemes/legacy-hash.ts';
import {
  MAX_MEMORY_IN_PLACE,
  type SlowHashes,
} from '../../src/features/passwords/schemes/slow-hash.ts';
import { createHashThreads } from '../../src/runtime/ports/hash-threads.ts';
import legacyHashes from '../fixtures/legacy-hashes.json' with { type: 'json' };
import { countDerivations } from '../support/derivations.ts';
import { createTestApp } from '../support/test-app.ts';

const threads = createHashThreads(createLogger('silent', () => {}));
const inThreads = createPasswordHasher(1, threads);
const inPlace = createPasswordHasher(1, slowHashesInPlace);

const noWork: SlowHashes = {
  ...threads,
  compute: () => Promise.reject(new Error('no work was expected')),
};

const PASSWORD = 'analytical engine';
/** Cheap hashes of `PASSWORD`, by passlib, Django, argon2-cffi, the bcrypt of Python and PHP. */
const CHEAP = [
  '$pbkdf2-sha256$1$w3gvBcAYo1TqXUspJcT4Pw$IOuyA0n2TbS/mGav1TUmtAA4w2afU4o44X/I9lNY3Bk',
  '$pbkdf2-sha512$1$rBWiFALgvLcWAuAcA8D4/w$jvmP82lyP9lTaOXVHB3lwxhWRFbe0DJTG/xK73PQdHb585G82LdbXloEDDSTv.bL.0yIsdsccL4MKnaBIeqYtw',
  'pbkdf2_sha256$1$saltsaltsalt$u1WJILtt13UauOy3ozfvh7wQG9fnh/Gl0AM0buinXPU=',
  'pbkdf2_sha1$1$saltsaltsalt$wFww4RS27NeJnv8Cxpu34rj4t1s=',
  '$2b$04$Ai8K6UUMO0W0VgQWmErjW.mP8u6zveKYh9ZerPyBBduwppB385NV6',
  'bcrypt$$2b$04$Ai8K6UUMO0W0VgQWmErjW.mP8u6zveKYh9ZerPyBBduwppB385NV6',
  'bcrypt_sha256$$2b$04$7iWNV5kzPSDlXBDMzHGK9OyI3hzXK7wq6fxN3Eo0rYJcucdfWG0Uy',
  '$wp$2y$04$sCoViP4yXgNKIapc6yLp0O4Rgtj.A4U7h1p0A61S.0zNKllPRB7U6',
  'scrypt$2$saltsaltsalt$1$1$M4VsRtoSO87Hz37Fj0zeKqlrevKnysQr2D6OQ98DdKQ8lVm0rc7jnSOoAsdgiiCx6N6sKQABvHdMl5LEMLAIJw==',
  '$argon2id$v=19$m=8,t=1,p=1$euNndM76Wtk267kFtZOsTA$UeY9YY2E6cWAutYG1Ku+fLNROiabqPy8La/z0mr4mJw',
  'argon2$argon2id$v=19$m=8,t=1,p=1$euNndM76Wtk267kFtZOsTA$UeY9YY2E6cWAutYG1Ku+fLNROiabqPy8La/z0mr4mJw',
  '$argon2i$v=19$m=8,t=1,p=1$DwTTkOkViQPbc4g9XzhK2Q$SdIbYNW2L9f4LMJhpdr1USMkZFasGQCgJRpxnh+vOcI',
  '$P$5PrktN5qEbmw5Mx99tQUgnXFz5LbDj.',
];

const salt = 'saltsaltsalt';
const key = (bytes: number): string => Buffer.alloc(bytes).toString('base64');
const unpadded = (bytes: number): string => key(bytes).replaceAll('=', '');
const phc = (parameters: string, saltBytes = 16, hashBytes = 32): string =>
  `$argon2id$v=19$${parameters}$${unpadded(saltBytes)}$${unpadded(hashBytes)}`;
const django = (N: number, r: number, p: number, text = salt): string =>
  `scrypt$${N}$${text}$${r}$${p}$${key(64)}`;
const betterAuth = (saltText: string, keyText = 'ab'.repeat(64)): string =>
  `${saltText}:${keyText}`;
const bcrypt = (prefix: string, cost: string): string => `${prefix}$2b$${cost}$${'a'.repeat(53)}`;

describe('[S8] [S79] legacy hashes', () => {
  test.each(legacyHashes)(
    '$hash verifies in a thread, and needs a rehash',
    async ({ hash, password }) => {
      expect(isReadableHash(hash)).toBe(true);
      expect(await inThreads.verify(password, hash)).toBe('match_needs_rehash');
    },
  );

  // test/long/legacy-users.test.ts tries a wrong password with each of the vectors.
  test.each(CHEAP)('%s verifies in a thread and in place', async (stored) => {
    for (const hasher of [inThreads, inPlace]) {
      expect(await hasher.verify(PASSWORD, stored)).toBe('match_needs_rehash');
      expect(await hasher.verify(`${PASSWORD}?`, stored)).toBe('mismatch');
    }
  });

  test('all of a long password counts if Django hashed it first, and 72 bytes if not', async () => {
    const stored = legacyHashes.find(({ hash }) => hash.startsWith('bcrypt_sha256$'))?.hash ?? '';
    expect(await inThreads.verify('x'.repeat(80), stored)).toBe('match_needs_rehash');
    expect(await inThreads.verify('x'.repeat(72), stored)).toBe('mismatch');
    const plain = legacyHashes.find(({ password }) => password.length === 80)?.hash ?? '';
    expect(await inThreads.verify('x'.repeat(72), plain)).toBe('match_needs_rehash');
  });

  test('Unicode is normalized for Better Auth, and not for the others', async () => {
    const [better, other] = ['better-auth', 'argon2-cffi 25.1.0, as OWASP'].map((source) =>
      legacyHashes.find((vector) => vector.source?.startsWith(source)),
    );
    expect(better?.password.normalize('NFKC')).not.toBe(better?.password);
    expect(
      await inThreads.verify(better?.password.normalize('NFKC') ?? '', better?.hash ?? ''),
    ).toBe('match_needs_rehash');
    expect(other?.password.normalize('NFKC')).not.toBe(other?.password);
    expect(await inThreads.verify(other?.password.normalize('NFKC') ?? '', other?.hash ?? '')).toBe(
      'mismatch',
    );
  });

  test.each(['$wp$', '$P$'])('%s: space around the password does not count', async (start) => {
    const stored = CHEAP.find((hash) => hash.startsWith(start)) ?? '';
    expect(await inThreads.verify(` \t${PASSWORD}\n `, stored)).toBe('match_needs_rehash');
    // A no-break space, which PHP does not trim.
    expect(await inThreads.verify(`${PASSWORD}\u00a0`, stored)).toBe('mismatch');
  });
});

test('[S57] a hash that cannot be computed is an error, not a mismatch', async () => {
  const stored = CHEAP.find((hash) => hash.startsWith('$2b$')) ?? '';
  const broken = createPasswordHasher(1, noWork);
  await expect(broken.verify(PASSWORD, stored)).rejects.toThrow('no work was expected');
});

test('[S57] a login whose hash cannot be computed is answered with 503, others are not', async () => {
  const compute = () => Promise.reject(new AppError('overloaded'));
  const { app, db } = await createTestApp({}, { slowHashes: { ...threads, compute } });
  const hashes = { scrypt: CHEAP.find((hash) => hash.startsWith('scrypt$')), pbkdf2: CHEAP[0] };
  for (const [name, passwordHash] of Object.entries(hashes)) {
    const email = `${name}@example.com`;
    const times = { createdAt: 1, updatedAt: 1 };
    await db.insert(users).values({ email, emailNormalized: email, passwordHash, ...times });
  }
  const logIn = (username: string) =>
    app.request('/auth/login', {
      method: 'POST',
      body: new URLSearchParams({ username, password: PASSWORD }),
    });
  const failed = await logIn('scrypt@example.com');
  expect([failed.status, failed.headers.has('Retry-After')]).toEqual([503, true]);
  expect((await logIn('pbkdf2@example.com')).status).toBe(200);
});

describe('[S7] [S79] bounds of legacy hashes', () => {
  test.each([
    'pbkdf2_sha256$1200000$xNa5mOr56Dg0$6Orn5/bKrmdOQhS3RveQr2xEhYnva3Idl59W5sssUL0=',
    'pbkdf2_sha256$2000000$xNa5mOr56Dg0$6Orn5/bKrmdOQhS3RveQr2xEhYnva3Idl59W5sssUL0=',
    `pbkdf2_sha1$2000000$${salt}$${key(20)}`,
    `$pbkdf2-sha512$250000$NqbUGsO4t7Z2TmktBWAMQQ$${'A'.repeat(86)}`,
    bcrypt('', '14'),
    bcrypt('bcrypt$', '14'),
    bcrypt('bcrypt_sha256$', '14'),
    bcrypt('$wp', '14'),
    django(65_536, 8, 2),
    django(16_384, 32, 2),
    django(65_536, 1, 16),
    betterAuth('0123456789abcdef'.repeat(2)),
    betterAuth('a1B2c3D4e5F6g7H8'),
    `s2:${betterAuth('a1B2c3D4e5F6g7H8')}`,
    phc('m=65536,t=4,p=1'),
    phc('m=102400,t=2,p=16'),
    phc('m=8,t=10,p=1', 8, 16),
    phc('m=8,t=1,p=1', 64, 64),
    `$P$B${'a'.repeat(30)}`,
  ])('%s is within bounds', (stored) => {
    expect(isReadableHash(stored)).toBe(true);
  });

  const outOfBounds = [
    `pbkdf2_sha1$2000001$${salt}$${key(20)}`,
    `pbkdf2_sha1$1000$${salt}$${key(32)}`,
    `pbkdf2_sha512$1000$${salt}$${key(64)}`,
    `pbkdf2_sha256$01000$${salt}$${key(32)}`,
    `pbkdf2_sha256$1000$${salt}$${'A'.repeat(42)}B=`,
    ...['15', '31', '99', '03', '00'].flatMap((cost) =>
      ['', 'bcrypt$', 'bcrypt_sha256$', '$wp'].map((prefix) => bcrypt(prefix, cost)),
    ),
    bcrypt('bcrypt_sha256', '10'),
    bcrypt('$wp$', '10'),
    django(131_072, 8, 1),
    django(65_536, 16, 1),
    django(65_536, 8, 3),
    django(16_384, 33, 1),
    django(2, 1, 17),
    django(1, 8, 1),
    django(0, 8, 1),
    django(16_383, 8, 1),
    django(16_384, 0, 1),
    django(16_384, 8, 0),
    django(16_384, 8, 5, 's'.repeat(129)),
    django(16_384, 8, 5, 'with space'),
    `${django(16_384, 8, 5)}=`,
    betterAuth('0123456789ABCDEF'.repeat(2)),
    betterAuth('0123456789abcdef'.repeat(2), 'AB'.repeat(64)),
    betterAuth('0123456789abcdef'.repeat(2), 'ab'.repeat(63)),
    betterAuth('0123456789abcdef'.repeat(2), 'ab'.repeat(65)),
    betterAuth('0123456789abcdef'.repeat(3)),
    betterAuth('a1B2c3D4e5F6g7H'),
    `s1:${betterAuth('a1B2c3D4e5F6g7H8')}`,
    phc('m=102401,t=2,p=1'),
    phc('m=65536,t=5,p=1'),
    phc('m=26215,t=10,p=1'),
    phc('m=8,t=11,p=1'),
    phc('m=1024,t=1,p=17'),
    phc('m=127,t=1,p=16'),
    phc('m=4294967296,t=1,p=1'),
    phc('m=0,t=1,p=1'),
    phc('m=8,t=0,p=1'),
    phc('m=8,t=1,p=0'),
    phc('m=8,t=1,p=1', 7),
    phc('m=8,t=1,p=1', 65),
    phc('m=8,t=1,p=1', 16, 15),
    phc('m=8,t=1,p=1', 16, 65),
    phc('m=8,t=1,p=1').replace('v=19', 'v=16'),
    phc('m=8,t=1,p=1').replace('argon2id', 'argon2d'),
    phc('t=1,m=8,p=1'),
    `argon2${phc('m=8,t=1,p=1').slice(1)}`,
    `$P$C${'a'.repeat(30)}`,
    `$P$4${'a'.repeat(30)}`,
    `$H$B${'a'.repeat(30)}`,
  ];

  test.each(outOfBounds)('%s is malformed, without any work for it', async (stored) => {
    expect(isReadableHash(stored)).toBe(false);
    const calls = countDerivations();
    expect(await createPasswordHasher(1, noWork).verify(PASSWORD, stored)).toBe('malformed');
    // That of a wrong password.
    expect(calls.stop()).toBe(1);
  });

  test('a hash that needs more than 64 MiB is malformed on Workers', async () => {
    const { hash = '', password = '' } =
      legacyHashes.find((vector) => vector.hash.startsWith('argon2$')) ?? {};
    expect(isReadableHash(hash, MAX_MEMORY_IN_PLACE)).toBe(false);
    expect(await inPlace.verify(password, hash)).toBe('malformed');
  });
});

describe('[S79] damaged legacy hashes', () => {
  const FIELD = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.integer().map(String),
    fc.constantFrom('argon2id', '$2b', 'v=19', 'm=8,t=1,p=1', salt, key(32), key(64), 's2', ':'),
  );

  test('any text is readable or not, without an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 1000 }), (text) => {
        expect(isReadableHash(text)).toBe(false);
      }),
    );
  });

  test('any fields behind the start of a known format are readable or not, without an error', () => {
    const starts = fc.constantFrom(...CHEAP.map((hash) => /^\$?[^$:]*/.exec(hash)?.[0] ?? ''));
    fc.assert(
      fc.property(starts, fc.array(FIELD, { maxLength: 7 }), (start, fields) => {
        for (const separator of ['$', ':']) {
          expect(typeof isReadableHash([start, ...fields].join(separator))).toBe('boolean');
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a hash with a changed, missing or additional character never matches', async () => {
    const characters = fc.constantFrom(...'$./+=:,0123456789abcdzABCDZ \u00e9');
    const change = fc.constantFrom('change', 'remove', 'insert');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...CHEAP),
        fc.nat(),
        characters,
        change,
        async (stored, position, character, kind) => {
          const at = position % stored.length;
          const after = stored.slice(kind === 'insert' ? at : at + 1);
          const damaged = stored.slice(0, at) + (kind === 'remove' ? '' : character) + after;
          // `2a` and `2b` are two names of one hash.
          const isSame = damaged.replace('$2a$', '$2b$') === stored;
          fc.pre(!isSame && isCheap(damaged));
          const legacy = parseLegacyHash(damaged);
          const matches = await legacy?.verify(PASSWORD, slowHashesInPlace.compute);
          expect([damaged, matches ?? false]).toEqual([damaged, false]);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** False for a damaged hash that is as expensive as a real one. */
const isCheap = (stored: string): boolean => !/\$(?:0[89]|1\d)\$|m=\d{4}|\$\d{5,}\$/.test(stored);
