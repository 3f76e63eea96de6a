import {
  createPasswordHasher,
  isReadableHash,
} from '../../src/features/passwords/password-hash.ts';
import { MAX_MEMORY_IN_PLACE } from '../../src/features/passwords/schemes/slow-hash.ts';
import { normalizeEmail, normalizePhone } from '../../src/features/users/identifier.ts';
import legacyHashes from '../fixtures/legacy-hashes.json' with { type: 'json' };
import replacedUsers from '../fixtures/legacy-users.json' with { type: 'json' };

/**
 * The starts of the sources whose hashes `npm test` verifies on every runtime: a cheap one of each scheme. With
 * `npm run test:long`, all that a Worker can verify.
 */
const CHEAP = [
  'argon2-cffi 25.1.0, as OWASP',
  'argon2-cffi 25.1.0, argon2i',
  'passlib 1.7.4, phpass',
  'better-auth',
  'hashlib.scrypt',
  'PHP 8.2.36, password_hash as in wp_hash_password',
];

const isTested = (source: string): boolean =>
  process.env.LATCHKEY_TEST_LONG !== undefined || CHEAP.some((start) => source.startsWith(start));

/** Users of other systems. */
export const importedUsers = legacyHashes.flatMap(({ source, hash, password }, at) => {
  if (source === undefined || !isTested(source)) return [];
  if (!isReadableHash(hash, MAX_MEMORY_IN_PLACE)) return [];
  return [{ email: `hash-${at}@example.com`, phone: null, name: source, bio: '', hash, password }];
});

/** Users of the replaced backends and of other systems, with their passwords. */
export const legacyUsers = [...replacedUsers, ...importedUsers];

/** A tampered row: verifying a password with its iteration count would take hours. */
export const HOSTILE_USER = {
  email: 'hostile@example.com',
  phone: null,
  name: 'Hostile',
  bio: '',
  hash: `$pbkdf2-sha256-chain$r=1,i=1000000000$c2l4dGVlbiBieXRlIHNsdA$${'A'.repeat(43)}`,
  password: 'anything at all',
};

/** A disabled user who still has a session. */
export const DISABLED_USER = {
  id: 1000,
  email: 'disabled@example.com',
  password: 'analytical engine',
  sessionId: 'c2Vzc2lvbiBvZiBvbmUgZ28',
};

/** A user whose email address is verified, and who has logged in from nowhere. */
export const VERIFIED_USER = { id: 1001, email: 'verified@example.com' };

/** A session of an account with roles. */
export interface StaffSession {
  readonly id: number;
  readonly sessionId: string;
}

/** Accounts with roles, each with a live session. Only that of `stale` has authenticated long ago. */
export const STAFF = {
  admin: { id: 1002, sessionId: 'c2Vzc2lvbiBvZiBhbiBhZG1pbg' },
  support: { id: 1003, sessionId: 'c2Vzc2lvbiBvZiBhIHN1cHBvcnQ' },
  disabled: { id: 1004, sessionId: 'c2Vzc2lvbiBvZiBhIGRpc2FibGVk' },
  stale: { id: 1005, sessionId: 'c2Vzc2lvbiBvZiBhIHN0YWxl' },
} as const satisfies Readonly<Record<string, StaffSession>>;

const FAR_FUTURE = 4_102_444_800_000;

const quote = (value: string | null | undefined): string =>
  value == null ? 'NULL' : `'${value.replaceAll("'", "''")}'`;

async function disabledUserStatements(): Promise<string[]> {
  const { id, email, password, sessionId } = DISABLED_USER;
  const hash = quote(await createPasswordHasher(1).hash(password));
  return [
    `INSERT INTO users (id, email, email_normalized, password_hash, disabled_at, created_at, updated_at) VALUES (${id}, '${email}', '${email}', ${hash}, 1, 1, 1);`,
    `INSERT INTO sessions (id, user_id, rotated_at, created_at, last_used_at, expires_at, method) VALUES ('${sessionId}', ${id}, 1, 1, ${FAR_FUTURE}, ${FAR_FUTURE}, 'password');`,
  ];
}

function staffStatements(): string[] {
  return Object.entries(STAFF).flatMap(([name, { id, sessionId }]) => {
    const email = `${name}-of-staff@example.com`;
    const disabledAt = name === 'disabled' ? 1 : 'NULL';
    const authTime = name === 'stale' ? 1 : FAR_FUTURE;
    const role = name === 'support' ? 'support' : 'admin';
    return [
      `INSERT INTO users (id, email, email_normalized, email_verified_at, disabled_at, created_at, updated_at) VALUES (${id}, '${email}', '${email}', 1, ${disabledAt}, 1, 1);`,
      `INSERT INTO user_roles (user_id, role, granted_at) VALUES (${id}, '${role}', 1);`,
      `INSERT INTO sessions (id, user_id, rotated_at, created_at, last_used_at, expires_at, method, auth_time) VALUES ('${sessionId}', ${id}, 1, 1, ${FAR_FUTURE}, ${FAR_FUTURE}, 'code', ${authTime});`,
    ];
  });
}

/** Returns statements that insert users in the same way as an import from the replaced backends. */
export async function legacyUserStatements(): Promise<string[]> {
  const legacy = [...legacyUsers, HOSTILE_USER].map((user) => {
    const { email, phone, name, bio, hash } = user;
    const values = [
      quote(email),
      quote(email === null ? null : normalizeEmail(email)),
      quote(phone),
      quote(phone === null ? null : normalizePhone(phone, 'IN')),
      quote(hash),
      quote(name),
      quote(bio),
      '1',
      '1767225600000',
      '1767225600000',
    ];
    return `INSERT INTO users (email, email_normalized, phone, phone_normalized, password_hash, name, bio, version, created_at, updated_at) VALUES (${values.join(', ')});`;
  });
  const { id, email } = VERIFIED_USER;
  const verified = `INSERT INTO users (id, email, email_normalized, email_verified_at, created_at, updated_at) VALUES (${id}, '${email}', '${email}', 1, 1, 1);`;
  return [...(await disabledUserStatements()), verified, ...staffStatements(), ...legacy];
}
