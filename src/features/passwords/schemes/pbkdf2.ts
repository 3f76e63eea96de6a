import type { Bytes } from '../../../core/crypto/bytes.ts';

/** Cloudflare Workers reject a call with more iterations; workerd on a local machine does not. */
export const MAX_ITERATIONS_PER_CALL = 100_000;

/** Parameters of PBKDF2-HMAC. */
export interface Pbkdf2Parameters {
  readonly hash: 'SHA-1' | 'SHA-256' | 'SHA-512';
  readonly salt: Bytes;
  readonly iterations: number;
  /** Length of the output, in bytes. */
  readonly bytes: number;
}

/**
 * Derives a key with a single Web Crypto call (PBKDF2-HMAC, RFC 8018 section 5.2). Web Crypto may reject a high
 * iteration count: see {@link MAX_ITERATIONS_PER_CALL}.
 */
export async function pbkdf2(password: Bytes, parameters: Pbkdf2Parameters): Promise<Bytes> {
  const { hash, salt, iterations, bytes } = parameters;
  const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
  const algorithm = { name: 'PBKDF2', hash, salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, bytes * 8));
}
