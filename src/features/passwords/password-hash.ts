import { MAX_ROUNDS } from '../../config/bounds.ts';
import {
  type Bytes,
  equalInConstantTime,
  fromBase64,
  randomBytes,
  toBase64,
  utf8,
} from '../../core/crypto/bytes.ts';
import {
  parseLegacyHash,
  type VerifyBcrypt,
  verifyBcryptInPlace,
  verifyLegacyHash,
} from './legacy-hash.ts';
import { MAX_ITERATIONS_PER_CALL, pbkdf2 } from './pbkdf2.ts';

const SALT_BYTES = 16;
const MAX_SALT_BYTES = 64;
const HASH_BYTES = 32;

interface ChainedHash {
  readonly rounds: number;
  readonly iterations: number;
  readonly salt: Bytes;
  readonly hash: Bytes;
}

/**
 * The result of a verification. `malformed` is a stored hash that matches no password: the row is
 * damaged or hostile, and its owner should hear of it in the log.
 */
export type PasswordMatch = 'match' | 'match_needs_rehash' | 'mismatch' | 'malformed';

export interface PasswordHasher {
  /** Hashes a new password. Two texts that differ only in Unicode normal form are one password. */
  hash(password: string): Promise<string>;
  /**
   * Verifies a password. Right or wrong, against a current hash that costs no more than new ones, against none and
   * against a malformed one it costs as much as a new hash; against a legacy hash, what that hash asks for.
   */
  verify(password: string, stored: string | null): Promise<PasswordMatch>;
}

/**
 * Password hashing by PBKDF2-HMAC-SHA256 in a chain of `rounds` calls of 100,000 iterations each, the
 * output of one being the password of the next, under one 16-byte random salt. Six rounds are the
 * 600,000 iterations of OWASP's Password Storage Cheat Sheet, in steps that Cloudflare Workers accept.
 *
 * @param rounds cost of new hashes, 1 to {@link MAX_ROUNDS}
 * @param verifyBcrypt how hashes that Web Crypto does not know are verified
 */
export function createPasswordHasher(
  rounds: number,
  verifyBcrypt: VerifyBcrypt = verifyBcryptInPlace,
): PasswordHasher {
  const targetIterations = rounds * MAX_ITERATIONS_PER_CALL;

  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const fresh = { rounds, iterations: MAX_ITERATIONS_PER_CALL, salt };
      return format({ ...fresh, hash: await deriveChain(password, fresh) });
    },

    async verify(password, stored) {
      if (stored === null) {
        await burn(targetIterations);
        return 'mismatch';
      }
      const chained = parseChained(stored);
      if (chained) {
        const matches = equalInConstantTime(await deriveChain(password, chained), chained.hash);
        const missing = targetIterations - chained.rounds * chained.iterations;
        // However cheap the hash still is. The right password as well: while its account is locked it is
        // answered as a wrong one, and must not be the quicker one of the two.
        await burn(missing);
        if (!matches) return 'mismatch';
        return missing > 0 ? 'match_needs_rehash' : 'match';
      }
      const legacy = parseLegacyHash(stored);
      if (!legacy) {
        await burn(targetIterations);
        return 'malformed';
      }
      const isRight = await verifyLegacyHash(password, legacy, verifyBcrypt);
      return isRight ? 'match_needs_rehash' : 'mismatch';
    },
  };
}

/** Does the work of that many iterations, for nothing. */
async function burn(iterations: number): Promise<void> {
  const salt = new Uint8Array(SALT_BYTES);
  for (let left = iterations; left > 0; left -= MAX_ITERATIONS_PER_CALL) {
    const part = Math.min(left, MAX_ITERATIONS_PER_CALL);
    await pbkdf2(salt, { hash: 'SHA-256', salt, iterations: part, bytes: HASH_BYTES });
  }
}

async function deriveChain(
  password: string,
  { rounds, iterations, salt }: Omit<ChainedHash, 'hash'>,
): Promise<Bytes> {
  let material = utf8(password.normalize('NFC'));
  for (let round = 0; round < rounds; round++) {
    material = await pbkdf2(material, { hash: 'SHA-256', salt, iterations, bytes: HASH_BYTES });
  }
  return material;
}

/** PHC string format: `$pbkdf2-sha256-chain$r=6,i=100000$<salt>$<hash>`. */
function format({ rounds, iterations, salt, hash }: ChainedHash): string {
  const parameters = `r=${rounds},i=${iterations}`;
  return `$pbkdf2-sha256-chain$${parameters}$${toBase64(salt)}$${toBase64(hash)}`;
}

function parseChained(stored: string): ChainedHash | undefined {
  const fields =
    /^\$pbkdf2-sha256-chain\$r=(\d{1,3}),i=(\d{1,6})\$([A-Za-z0-9+/]{1,88})\$([A-Za-z0-9+/]{43})$/.exec(
      stored,
    );
  if (!fields) return undefined;
  const [rounds, iterations] = [Number(fields[1]), Number(fields[2])];
  const [salt, hash] = [fromBase64(fields[3] ?? ''), fromBase64(fields[4] ?? '')];
  if (!salt || salt.length < SALT_BYTES || salt.length > MAX_SALT_BYTES) return undefined;
  if (!hash || hash.length !== HASH_BYTES) return undefined;
  if (rounds < 1 || rounds > MAX_ROUNDS) return undefined;
  if (iterations < 1 || iterations > MAX_ITERATIONS_PER_CALL) return undefined;
  return { rounds, iterations, salt, hash };
}
