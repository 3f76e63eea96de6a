import type { Bytes } from '../../../core/crypto/bytes.ts';

/**
 * A password and how to hash it, where Web Crypto has no such hash: JavaScript computes it. Plain data, because a thread
 * may do the work.
 */
export type SlowHash = BcryptHash | ScryptHash | Argon2Hash | PhpassHash;

interface BcryptHash {
  readonly algorithm: 'bcrypt';
  readonly password: string;
  /** Version, cost and salt: the first 29 characters of a stored hash. */
  readonly settings: string;
}

/** RFC 7914. */
interface ScryptHash {
  readonly algorithm: 'scrypt';
  readonly password: string;
  readonly salt: Bytes;
  /** Cost, a power of two. */
  readonly N: number;
  /** Block size, in 128 bytes. */
  readonly r: number;
  /** Parallelism. */
  readonly p: number;
  /** Length of the output, in bytes. */
  readonly dkLen: number;
}

/** Version 1.3 of Argon2 (RFC 9106). */
interface Argon2Hash {
  readonly algorithm: 'argon2i' | 'argon2id';
  readonly password: string;
  readonly salt: Bytes;
  /** Memory, in KiB. */
  readonly m: number;
  /** Passes. */
  readonly t: number;
  /** Lanes. */
  readonly p: number;
  /** Length of the output, in bytes. */
  readonly dkLen: number;
}

/** The MD5 of salt and password, then that of the last result and the password, again and again. */
export interface PhpassHash {
  readonly algorithm: 'phpass';
  readonly password: string;
  readonly salt: Bytes;
  readonly iterations: number;
}

/**
 * Computes a hash; that of bcrypt as its text in UTF-8.
 *
 * @throws AppError `overloaded` if the work failed or took too long
 */
export type ComputeHash = (hash: SlowHash) => Promise<Uint8Array>;

/** How a runtime computes slow hashes. */
export interface SlowHashes {
  /** The most memory that one hash may occupy, in bytes. A stored hash that needs more is rejected before any work. */
  readonly maxMemory: number;
  readonly compute: ComputeHash;
}

const MIB = 1024 * 1024;

/** In a thread of its own: the default of Django's argon2. */
export const MAX_MEMORY = 100 * MIB;
/** On the thread that serves: Workers have 128 MB for everything. */
export const MAX_MEMORY_IN_PLACE = 64 * MIB;
