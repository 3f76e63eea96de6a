// Generates a key pair for a libSQL server and a token that it accepts, as two lines for a `.env` file. The private key
// is not kept: run this again and replace both lines to revoke the token.
//
// node scripts/libsql-token.mjs [--days N]
import { generateKeyPairSync, sign } from 'node:crypto';
import { parseArgs } from 'node:util';

const USAGE = `Usage: node scripts/libsql-token.mjs [--days N]

Prints SQLD_AUTH_JWT_KEY for a libSQL server, and DATABASE_AUTH_TOKEN for Latchkey. The token does not expire, unless
--days is given, 1 to 3650.`;
const DAY_S = 86_400;
const MAX_DAYS = 3650;

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT (RFC 7519) signed with Ed25519 (RFC 8037). `a` is libSQL's claim for access: `rw` reads and writes. */
function issueToken(privateKey, days) {
  const issuedAt = Math.floor(Date.now() / 1000);
  const expiry = days === undefined ? {} : { exp: issuedAt + days * DAY_S };
  const content = `${base64url({ alg: 'EdDSA', typ: 'JWT' })}.${base64url({ a: 'rw', iat: issuedAt, ...expiry })}`;
  return `${content}.${sign(null, Buffer.from(content), privateKey).toString('base64url')}`;
}

/** The days of `--days`. Prints the usage and exits if the arguments are invalid. */
function readDays() {
  try {
    const { values } = parseArgs({
      options: { days: { type: 'string' }, help: { type: 'boolean' } },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    if (values.days === undefined) return undefined;
    const days = Number(values.days);
    if (/^\d+$/.test(values.days) && days >= 1 && days <= MAX_DAYS) return days;
  } catch {
    // An unknown argument.
  }
  console.error(USAGE);
  process.exit(2);
}

const days = readDays();
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
// `x` is the public key itself, 32 bytes in base64url (RFC 8037).
console.log(`SQLD_AUTH_JWT_KEY=${publicKey.export({ format: 'jwk' }).x}`);
console.log(`DATABASE_AUTH_TOKEN=${issueToken(privateKey, days)}`);
