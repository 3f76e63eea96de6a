import { normalizeEmail, normalizePhone } from '../../src/users/identifier.ts';
import legacyUsers from '../fixtures/legacy-users.json' with { type: 'json' };

export { legacyUsers };

/** A row that someone has tampered with: checking it as it says would take hours. */
export const HOSTILE_USER = {
  email: 'hostile@example.com',
  phone: null,
  name: 'Hostile',
  bio: '',
  hash: `$pbkdf2-sha256-chain$r=1,i=1000000000$c2l4dGVlbiBieXRlIHNsdA$${'A'.repeat(43)}`,
  password: 'anything at all',
};

const quote = (value: string | null | undefined): string =>
  value == null ? 'NULL' : `'${value.replaceAll("'", "''")}'`;

/** Statements that store users as an import from the replaced backends would. */
export function legacyUserStatements(): string[] {
  return [...legacyUsers, HOSTILE_USER].map((user) => {
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
}
