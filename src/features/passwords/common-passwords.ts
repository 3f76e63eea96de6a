import { fromBase64, utf8 } from '../../core/crypto/bytes.ts';
import {
  FINGERPRINT_COUNT,
  FINGERPRINTS,
  LONG_COMMON_PASSWORDS,
  REMAINDER_BITS,
} from './common-passwords-data.ts';

/**
 * Up to this many characters a common password is kept as its fingerprint; the few longer ones as they
 * are, so that no long password is taken for one by mistake: what password managers make is longer.
 */
export const MAX_FINGERPRINTED_CHARACTERS = 12;

const longOnes: ReadonlySet<string> = new Set(LONG_COMMON_PASSWORDS.split(' '));

/** Decoded when the first password is set, and kept: the list never changes while the program runs. */
let fingerprints: ReadonlySet<number> | undefined;

/**
 * Tells whether a password is on the bundled list of common ones. Of other passwords of no more than
 * {@link MAX_FINGERPRINTED_CHARACTERS} characters fewer than one in a thousand is taken for one of them,
 * of longer ones none.
 *
 * @param folded the password, letter case folded
 */
export function isCommonPassword(folded: string): boolean {
  if ([...folded].length > MAX_FINGERPRINTED_CHARACTERS) return longOnes.has(folded);
  fingerprints ??= decodeFingerprints();
  return fingerprints.has(fingerprintOf(folded));
}

/** 24 bits of a text's UTF-8 bytes: FNV-1a, mixed by the last step of MurmurHash3. */
export function fingerprintOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 8;
}

/**
 * Reads the gaps between the sorted fingerprints, in Rice code: how often 2^{@link REMAINDER_BITS} goes
 * into the gap, as that many ones and a zero, then the remainder in binary.
 */
function decodeFingerprints(): ReadonlySet<number> {
  const bytes = fromBase64(FINGERPRINTS) ?? new Uint8Array();
  let position = 0;
  const nextBit = (): number => {
    const bit = ((bytes[position >> 3] ?? 0) >> (7 - (position & 7))) & 1;
    position++;
    return bit;
  };
  const decoded = new Set<number>();
  let fingerprint = 0;
  while (decoded.size < FINGERPRINT_COUNT) {
    let gap = 0;
    while (nextBit() === 1) gap++;
    for (let i = 0; i < REMAINDER_BITS; i++) gap = gap * 2 + nextBit();
    fingerprint += gap;
    decoded.add(fingerprint);
  }
  return decoded;
}
