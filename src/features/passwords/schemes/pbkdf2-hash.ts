import { sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { type Bytes, equalInConstantTime, utf8 } from '../../../core/crypto/bytes.ts';
import { MAX_ITERATIONS_PER_CALL, type Pbkdf2Parameters, pbkdf2 } from './pbkdf2.ts';
import {
  fromCanonicalBase64,
  fromPasslibBase64,
  type LegacyHash,
  type ParseHash,
} from './stored-hash.ts';

interface Digest {
  readonly hash: Pbkdf2Parameters['hash'];
  readonly bytes: number;
  readonly maxIterations: number;
  /** The same function in JavaScript. */
  readonly portable: typeof sha1 | typeof sha256 | typeof sha512;
}

/**
 * The bounds leave room for the hashes that frameworks store. Django 6.0 stores 1,200,000 iterations, 6.1 1,500,000 and
 * 6.2 1,800,000, of SHA-256 or of SHA-1. With SHA-512, whose iterations take 2.5 times as long, passlib stores 25,000
 * and OWASP recommends 210,000.
 */
const DIGESTS: Readonly<Record<string, Digest>> = {
  '1': { hash: 'SHA-1', bytes: 20, maxIterations: 2_000_000, portable: sha1 },
  '256': { hash: 'SHA-256', bytes: 32, maxIterations: 2_000_000, portable: sha256 },
  '512': { hash: 'SHA-512', bytes: 64, maxIterations: 250_000, portable: sha512 },
};
const MAX_SALT_BYTES = 1024;

const PASSLIB = /^\$pbkdf2-sha(256|512)\$([1-9]\d{0,8})\$([A-Za-z0-9./]*)\$([A-Za-z0-9./]+)$/;
const DJANGO = /^pbkdf2_sha(1|256)\$([1-9]\d{0,8})\$([!-#%-~]+)\$([A-Za-z0-9+/]+=)$/;

/** Parses passlib `$pbkdf2-sha256$` and `$pbkdf2-sha512$`, Django `pbkdf2_sha256$` and `pbkdf2_sha1$`. */
export const parsePbkdf2Hash: ParseHash = (stored) => {
  const passlib = PASSLIB.exec(stored);
  if (passlib) {
    const [, bits = '', iterations, salt = '', digest = ''] = passlib;
    return pbkdf2Hash(bits, Number(iterations), fromPasslibBase64(salt), fromPasslibBase64(digest));
  }
  const django = DJANGO.exec(stored);
  if (!django) return undefined;
  const [, bits = '', iterations, salt = '', digest = ''] = django;
  return pbkdf2Hash(bits, Number(iterations), utf8(salt), fromCanonicalBase64(digest));
};

function pbkdf2Hash(
  bits: string,
  iterations: number,
  salt: Bytes | undefined,
  expected: Bytes | undefined,
): LegacyHash | undefined {
  const digest = DIGESTS[bits];
  if (!digest || iterations > digest.maxIterations) return undefined;
  if (!salt || salt.length > MAX_SALT_BYTES || expected?.length !== digest.bytes) return undefined;
  const { hash, bytes, portable } = digest;
  const parameters = { hash, salt, iterations, bytes };
  return {
    scheme: 'pbkdf2',
    memory: 0,
    verify: async (password) =>
      equalInConstantTime(await derive(utf8(password), parameters, portable), expected),
  };
}

/**
 * Derives a key with Web Crypto. If Web Crypto rejects this many iterations (Cloudflare accepts 100,000), derives the
 * key in JavaScript, which is ten times slower and runs on the main thread.
 */
async function derive(
  password: Bytes,
  parameters: Pbkdf2Parameters,
  portable: Digest['portable'],
): Promise<Uint8Array> {
  try {
    return await pbkdf2(password, parameters);
  } catch (error) {
    const { salt, iterations, bytes } = parameters;
    if (iterations <= MAX_ITERATIONS_PER_CALL) throw error;
    return pbkdf2Async(portable, password, salt, { c: iterations, dkLen: bytes });
  }
}
