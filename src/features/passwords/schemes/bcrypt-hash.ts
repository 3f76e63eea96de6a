import { bytesToHex } from '@noble/hashes/utils.js';
import { equalInConstantTime, toBase64, utf8 } from '../../../core/crypto/bytes.ts';
import { trimAsPhp } from './php.ts';
import type { ParseHash } from './stored-hash.ts';

const MIN_COST = 4;
const MAX_COST = 14;

/** What the password of bcrypt is, by the prefix of the stored hash. bcrypt itself reads 72 bytes. */
const PREPARATIONS: Readonly<Record<string, (password: string) => string | Promise<string>>> = {
  '': (password) => password,
  // Django.
  bcrypt$: (password) => password,
  bcrypt_sha256$: async (password) =>
    bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(password)))),
  // WordPress since 6.8: `wp_hash_password` in wp-includes/pluggable.php.
  $wp: async (password) => {
    const key = await crypto.subtle.importKey(
      'raw',
      utf8('wp-sha384'),
      { name: 'HMAC', hash: 'SHA-384' },
      false,
      ['sign'],
    );
    const mac = await crypto.subtle.sign('HMAC', key, utf8(trimAsPhp(password)));
    // 48 bytes need no padding.
    return toBase64(new Uint8Array(mac));
  },
};

const BCRYPT =
  /^(|bcrypt\$|bcrypt_sha256\$|\$wp)(\$2[aby]\$(\d\d)\$[A-Za-z0-9./]{22})[A-Za-z0-9./]{31}$/;

/**
 * Parses bcrypt `$2a$ $2b$ $2y$` as most systems store it, Django `bcrypt$` and `bcrypt_sha256$`, and WordPress
 * `$wp$2y$`.
 */
export const parseBcryptHash: ParseHash = (stored) => {
  const [, prefix = '', settings = '', cost] = BCRYPT.exec(stored) ?? [];
  const prepare = PREPARATIONS[prefix];
  if (!prepare || !(Number(cost) >= MIN_COST && Number(cost) <= MAX_COST)) return undefined;
  const expected = utf8(stored.slice(prefix.length));
  return {
    scheme: 'bcrypt',
    memory: 0,
    async verify(password, compute) {
      const prepared = await prepare(password);
      const hash = await compute({ algorithm: 'bcrypt', password: prepared, settings });
      return equalInConstantTime(hash, expected);
    },
  };
};
