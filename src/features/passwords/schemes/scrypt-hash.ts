import { hexToBytes } from '@noble/hashes/utils.js';
import { type Bytes, equalInConstantTime, utf8 } from '../../../core/crypto/bytes.ts';
import { fromCanonicalBase64, type LegacyHash, type ParseHash } from './stored-hash.ts';

/**
 * Processor time grows with N·r·p, memory with N·r: 128 bytes for each. OWASP recommends up to N = 2^17 with r = 8 and
 * p = 1; its other choices, Better Auth (2^18 in all) and Django (5·2^17) are within these bounds.
 */
const MAX_WORK = 2 ** 20;
const MAX_N_TIMES_R = 2 ** 19;
const MAX_R = 32;
const MAX_P = 16;
const KEY_BYTES = 64;

/** The salt is text: it is hashed as it stands here, not decoded. */
const BETTER_AUTH = /^(s2:)?([0-9a-f]{32}|[A-Za-z0-9]{16}):([0-9a-f]{128})$/;
const DJANGO =
  /^scrypt\$([1-9]\d{0,6})\$([!-#%-~]{1,128})\$([1-9]\d?)\$([1-9]\d?)\$([A-Za-z0-9+/]{86}==)$/;

/**
 * Parses the scrypt of Better Auth and Lucia 3 (a salt of 32 hexadecimal digits), of Lucia 1 and 2 (`s2:`, and without
 * it an older block size), and of Django (`scrypt$N$salt$r$p$key`).
 */
export const parseScryptHash: ParseHash = (stored) => {
  const [, version, hexOrText, hexKey] = BETTER_AUTH.exec(stored) ?? [];
  if (hexOrText && hexKey) {
    const r = version || hexOrText.length === 32 ? 16 : 8;
    const parameters = { salt: utf8(hexOrText), N: 16_384, r, p: 1 };
    return scryptHash(parameters, Uint8Array.from(hexToBytes(hexKey)), (password) =>
      password.normalize('NFKC'),
    );
  }
  const [, N, salt, r, p, key = ''] = DJANGO.exec(stored) ?? [];
  const digest = fromCanonicalBase64(key);
  if (!salt || !digest) return undefined;
  const parameters = { salt: utf8(salt), N: Number(N), r: Number(r), p: Number(p) };
  return isWithinBounds(parameters)
    ? scryptHash(parameters, digest, (password) => password)
    : undefined;
};

interface ScryptParameters {
  readonly salt: Bytes;
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** RFC 7914 section 2 requires a power of two above 1. */
const isWithinBounds = ({ N, r, p }: ScryptParameters): boolean =>
  N > 1 &&
  (N & (N - 1)) === 0 &&
  r <= MAX_R &&
  p <= MAX_P &&
  N * r <= MAX_N_TIMES_R &&
  N * r * p <= MAX_WORK;

const scryptHash = (
  parameters: ScryptParameters,
  digest: Bytes,
  prepare: (password: string) => string,
): LegacyHash => ({
  scheme: 'scrypt',
  memory: 128 * parameters.N * parameters.r,
  async verify(password, compute) {
    const hash = { algorithm: 'scrypt', password: prepare(password), dkLen: KEY_BYTES } as const;
    return equalInConstantTime(await compute({ ...hash, ...parameters }), digest);
  },
});
