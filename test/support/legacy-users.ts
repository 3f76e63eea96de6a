import { createPasswordHasher } from '../../src/features/passwords/password-hash.ts';
import { normalizeEmail, normalizePhone } from '../../src/features/users/identifier.ts';
import legacyUsers from '../fixtures/legacy-users.json' with { type: 'json' };

export { legacyUsers };

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
  return [...(await disabledUserStatements()), verified, ...legacy];
}
