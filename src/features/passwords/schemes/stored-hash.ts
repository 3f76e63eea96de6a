import { type Bytes, fromBase64, toBase64 } from '../../../core/crypto/bytes.ts';
import type { ComputeHash } from './slow-hash.ts';

/** A stored hash of another system, whose format is known and whose cost is within bounds. */
export interface LegacyHash {
  readonly scheme: 'pbkdf2' | 'bcrypt' | 'scrypt' | 'argon2' | 'phpass';
  /** The memory that a verification occupies, in bytes, if it is more than a few KiB. */
  readonly memory: number;
  /**
   * True if the password is the right one. Normalizes Unicode only if the other system did.
   *
   * @throws whatever `compute` throws
   */
  verify(password: string, compute: ComputeHash): Promise<boolean>;
}

/** Parses the stored hashes of a scheme. Pure. Returns `undefined` for any other format, and for a cost out of bounds. */
export type ParseHash = (stored: string) => LegacyHash | undefined;

/**
 * Decodes base64 as encoders write it, padded or not: like {@link fromBase64}, but unused bits must be zero, so that only
 * one text decodes to these bytes.
 */
export function fromCanonicalBase64(text: string): Bytes | undefined {
  const bytes = fromBase64(text);
  return bytes && toBase64(bytes) === text.replace(/=+$/, '') ? bytes : undefined;
}

/** passlib's "adapted base64": `.` for `+`, no padding. */
export const fromPasslibBase64 = (text: string): Bytes | undefined =>
  fromCanonicalBase64(text.replaceAll('.', '+'));
