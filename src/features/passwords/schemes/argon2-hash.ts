import { equalInConstantTime } from '../../../core/crypto/bytes.ts';
import { MAX_MEMORY } from './slow-hash.ts';
import { fromCanonicalBase64, type ParseHash } from './stored-hash.ts';

const KIB = 1024;
const MAX_PASSES = 10;
const MAX_LANES = 16;
/** The sum of all passes, in KiB: PHP stores 4 passes over 64 MiB, argon2-cffi 3, Django 2 over 100 MiB. */
const MAX_WORK = 256 * KIB;
const SALT_BYTES = { min: 8, max: 64 };
const HASH_BYTES = { min: 16, max: 64 };

/** A PHC string, which Django prefixes with `argon2`. */
const ARGON2 =
  /^(?:argon2)?\$(argon2id?)\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=([1-9]\d?)\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Parses argon2i and argon2id of version 1.3, as the reference implementation and Django store them. */
export const parseArgon2Hash: ParseHash = (stored) => {
  const [, name, ...fields] = ARGON2.exec(stored) ?? [];
  const [m, t, p] = fields.slice(0, 3).map(Number);
  const [salt, digest] = fields.slice(3).map(fromCanonicalBase64);
  if (!name || !m || !t || !p || !salt || !digest) return undefined;
  const isWithinBounds =
    m * KIB <= MAX_MEMORY && m >= 8 * p && t <= MAX_PASSES && p <= MAX_LANES && m * t <= MAX_WORK;
  if (!isWithinBounds || !isIn(SALT_BYTES, salt) || !isIn(HASH_BYTES, digest)) return undefined;
  const algorithm = name === 'argon2i' ? 'argon2i' : 'argon2id';
  const parameters = { algorithm, salt, m, t, p, dkLen: digest.length } as const;
  return {
    scheme: 'argon2',
    memory: m * KIB,
    verify: async (password, compute) =>
      equalInConstantTime(await compute({ ...parameters, password }), digest),
  };
};

const isIn = (range: { min: number; max: number }, { length }: Uint8Array): boolean =>
  length >= range.min && length <= range.max;
