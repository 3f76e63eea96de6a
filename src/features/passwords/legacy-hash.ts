import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import bcrypt from 'bcryptjs';
import { type Bytes, equalInConstantTime, fromBase64, utf8 } from '../../core/crypto/bytes.ts';
import { MAX_ITERATIONS_PER_CALL, pbkdf2 } from './pbkdf2.ts';

/**
 * A stored hash above these limits is rejected before any work, so that a hostile row cannot cost much processor time.
 * The limits leave room for the hashes that frameworks store. With SHA-256, Django 6.0 stores 1,200,000 iterations, 6.1
 * 1,500,000 and 6.2 1,800,000. With SHA-512, whose iterations take 2.5 times as long, passlib stores 25,000 and OWASP
 * recommends 210,000.
 */
const MAX_PBKDF2_ITERATIONS = { 'SHA-256': 2_000_000, 'SHA-512': 250_000 } as const;
const MAX_BCRYPT_COST = 14;
const MAX_SALT_BYTES = 1024;

interface Pbkdf2Hash {
  readonly scheme: 'pbkdf2';
  readonly hash: 'SHA-256' | 'SHA-512';
  readonly iterations: number;
  readonly salt: Bytes;
  readonly digest: Bytes;
}

interface BcryptHash {
  readonly scheme: 'bcrypt';
  readonly text: string;
}

/** A hash from a backend that Latchkey replaces, or from Django. */
export type LegacyHash = Pbkdf2Hash | BcryptHash;

/** Verifies a bcrypt hash. Rejects if the verification cannot run. */
export type VerifyBcrypt = (password: string, hash: string) => Promise<boolean>;

/** Verifies on the main thread. Lets other work run every 100 ms. */
export const verifyBcryptInPlace: VerifyBcrypt = (password, hash) => bcrypt.compare(password, hash);

/**
 * Parses passlib `$pbkdf2-sha256$` and `$pbkdf2-sha512$`, Django `pbkdf2_sha256$`, and bcrypt `$2a$ $2b$ $2y$`. Returns
 * `undefined` for any other format, and for a cost that is out of bounds.
 */
export function parseLegacyHash(stored: string): LegacyHash | undefined {
  const passlib = /^\$pbkdf2-sha(256|512)\$(\d{1,9})\$([A-Za-z0-9./]*)\$([A-Za-z0-9./]+)$/.exec(
    stored,
  );
  if (passlib) {
    const [, bits = '', iterations = '', salt = '', digest = ''] = passlib;
    return pbkdf2Hash(bits, iterations, fromPasslibBase64(salt), fromPasslibBase64(digest));
  }
  const django = /^pbkdf2_sha(256)\$(\d{1,9})\$([!-#%-~]+)\$([A-Za-z0-9+/]+={0,2})$/.exec(stored);
  if (django) {
    const [, bits = '', iterations = '', salt = '', digest = ''] = django;
    return pbkdf2Hash(bits, iterations, utf8(salt), fromBase64(digest));
  }
  const cost = /^\$2[aby]\$(\d\d)\$[A-Za-z0-9./]{53}$/.exec(stored)?.[1];
  if (cost && Number(cost) >= 4 && Number(cost) <= MAX_BCRYPT_COST) {
    return { scheme: 'bcrypt', text: stored };
  }
  return undefined;
}

/**
 * Verifies a password against a legacy hash. Does not normalize Unicode, because the legacy backends did not. A
 * successful login replaces the legacy hash.
 */
export async function verifyLegacyHash(
  password: string,
  stored: LegacyHash,
  verifyBcrypt: VerifyBcrypt,
): Promise<boolean> {
  if (stored.scheme === 'bcrypt') return verifyBcrypt(password, stored.text);
  return equalInConstantTime(await derive(utf8(password), stored), stored.digest);
}

/**
 * Derives a key with Web Crypto. If Web Crypto rejects this many iterations (Cloudflare accepts 100,000), derives the
 * key in JavaScript, which is ten times slower and runs on the main thread.
 */
async function derive(
  password: Bytes,
  { hash, salt, iterations, digest }: Pbkdf2Hash,
): Promise<Bytes> {
  try {
    return await pbkdf2(password, { hash, salt, iterations, bytes: digest.length });
  } catch (error) {
    if (iterations <= MAX_ITERATIONS_PER_CALL) throw error;
    const parameters = { c: iterations, dkLen: digest.length };
    const derived = await pbkdf2Async(
      hash === 'SHA-256' ? sha256 : sha512,
      password,
      salt,
      parameters,
    );
    return Uint8Array.from(derived);
  }
}

function pbkdf2Hash(
  bits: string,
  iterationsText: string,
  salt: Bytes | undefined,
  digest: Bytes | undefined,
): Pbkdf2Hash | undefined {
  const iterations = Number(iterationsText);
  const hash = bits === '256' ? 'SHA-256' : 'SHA-512';
  const inBounds = iterations >= 1 && iterations <= MAX_PBKDF2_ITERATIONS[hash];
  if (!inBounds || !salt || salt.length > MAX_SALT_BYTES) return undefined;
  if (digest?.length !== Number(bits) / 8) return undefined;
  return {
    scheme: 'pbkdf2',
    hash,
    iterations,
    salt,
    digest,
  };
}

/** passlib's "adapted base64": `.` for `+`, no padding. */
const fromPasslibBase64 = (text: string): Bytes | undefined =>
  fromBase64(text.replaceAll('.', '+'));
