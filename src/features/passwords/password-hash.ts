import { MAX_ROUNDS } from '../../config/bounds.ts';
import {
  type Bytes,
  equalInConstantTime,
  fromBase64,
  randomBytes,
  toBase64,
  utf8,
} from '../../core/crypto/bytes.ts';
import { slowHashesInPlace } from './schemes/compute-in-place.ts';
import { parseLegacyHash } from './schemes/legacy-hash.ts';
import { MAX_ITERATIONS_PER_CALL, pbkdf2 } from './schemes/pbkdf2.ts';
import type { SlowHashes } from './schemes/slow-hash.ts';

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
 * The result of a verification. `malformed` means that the stored hash has an unknown format or a cost that is out of
 * bounds, so that no password matches. The row is damaged or hostile, and the caller should log it.
 */
export type PasswordMatch = 'match' | 'match_needs_rehash' | 'mismatch' | 'malformed';

export interface PasswordHasher {
  /** Hashes a new password. Texts that differ only in Unicode normalization are the same password. */
  hash(password: string): Promise<string>;
  /**
   * Verifies a password. Costs as much as a new hash if the password is correct, if it is wrong, and if the stored hash
   * is cheaper, missing or malformed. A costlier hash or a legacy hash costs what its own parameters require.
   */
  verify(password: string, stored: string | null): Promise<PasswordMatch>;
}

/**
 * Creates a hasher that chains `rounds` calls of PBKDF2-HMAC-SHA256 with 100,000 iterations each. The output of a call
 * is the password of the next call; all calls use the same random salt of 16 bytes. Six rounds have the 600,000
 * iterations that OWASP's Password Storage Cheat Sheet recommends, in calls that Cloudflare Workers accept.
 *
 * @param rounds cost of new hashes, 1 to {@link MAX_ROUNDS}
 * @param slowHashes computes the legacy hashes that Web Crypto does not support
 * @param iterations of each round; tests make cheaper hashes
 */
export function createPasswordHasher(
  rounds: number,
  slowHashes: SlowHashes = slowHashesInPlace,
  iterations: number = MAX_ITERATIONS_PER_CALL,
): PasswordHasher {
  const targetIterations = rounds * iterations;
  const burn = (total: number) => burnIn(total, iterations);

  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const fresh = { rounds, iterations, salt };
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
        // Pads the cost of a cheaper hash to that of a new one, for a correct password too. A locked account rejects a
        // correct password like a wrong one, so the correct one must not be faster.
        await burn(missing);
        if (!matches) return 'mismatch';
        return missing > 0 ? 'match_needs_rehash' : 'match';
      }
      const legacy = parseLegacyHash(stored, slowHashes.maxMemory);
      if (!legacy) {
        await burn(targetIterations);
        return 'malformed';
      }
      const isCorrect = await legacy.verify(password, slowHashes.compute);
      return isCorrect ? 'match_needs_rehash' : 'mismatch';
    },
  };
}

/**
 * True if a stored hash can be verified: its format is known and its cost is within bounds. Reads only the text, and
 * does no work.
 *
 * @param maxMemory as in {@link SlowHashes}; on Workers `MAX_MEMORY_IN_PLACE`
 */
export const isReadableHash = (stored: string, maxMemory?: number): boolean =>
  parseChained(stored) !== undefined || parseLegacyHash(stored, maxMemory) !== undefined;

/** Takes as long as this many iterations, in calls of `perCall`. */
async function burnIn(total: number, perCall: number): Promise<void> {
  const salt = new Uint8Array(SALT_BYTES);
  for (let left = total; left > 0; left -= perCall) {
    const part = Math.min(left, perCall);
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
