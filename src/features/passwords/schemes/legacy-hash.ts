import { parseArgon2Hash } from './argon2-hash.ts';
import { parseBcryptHash } from './bcrypt-hash.ts';
import { parsePbkdf2Hash } from './pbkdf2-hash.ts';
import { parsePhpassHash } from './phpass-hash.ts';
import { parseScryptHash } from './scrypt-hash.ts';
import { MAX_MEMORY } from './slow-hash.ts';
import type { LegacyHash, ParseHash } from './stored-hash.ts';

/** No format has a longer text within its bounds. */
const MAX_LENGTH = 2048;

/** No text has two of these formats. */
const FORMATS: readonly ParseHash[] = [
  parsePbkdf2Hash,
  parseBcryptHash,
  parseScryptHash,
  parseArgon2Hash,
  parsePhpassHash,
];

/**
 * Parses a hash that another system has stored. Returns `undefined` for an unknown format, and for a cost out of bounds,
 * so that a hostile row costs neither processor time nor memory.
 *
 * @param maxMemory the most memory that its verification may occupy, in bytes
 */
export function parseLegacyHash(stored: string, maxMemory = MAX_MEMORY): LegacyHash | undefined {
  if (stored.length > MAX_LENGTH) return undefined;
  for (const parse of FORMATS) {
    const hash = parse(stored);
    if (hash) return hash.memory <= maxMemory ? hash : undefined;
  }
  return undefined;
}
