import { equalTextsInConstantTime, utf8 } from '../../../core/crypto/bytes.ts';
import { trimAsPhp } from './php.ts';
import type { ParseHash } from './stored-hash.ts';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** WordPress stores 2^13 iterations. */
const MIN_LOG_COST = 7;
const MAX_LOG_COST = 13;

const PHPASS = /^\$P\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{22})$/;

/** Parses `$P$` of phpass, which WordPress stored until 6.8: iterations of MD5. */
export const parsePhpassHash: ParseHash = (stored) => {
  const [, cost = '', salt = '', expected = ''] = PHPASS.exec(stored) ?? [];
  const logCost = ALPHABET.indexOf(cost);
  if (!expected || logCost < MIN_LOG_COST || logCost > MAX_LOG_COST) return undefined;
  const parameters = { algorithm: 'phpass', salt: utf8(salt), iterations: 2 ** logCost } as const;
  return {
    scheme: 'phpass',
    memory: 0,
    async verify(password, compute) {
      const hash = await compute({ ...parameters, password: trimAsPhp(password) });
      return equalTextsInConstantTime(encode(hash), expected);
    },
  };
};

/** The base64 of phpass: three bytes, lowest first, are four characters, lowest bits first. */
function encode(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = [...bytes.subarray(i, i + 3)];
    const value = group.reduce((sum, byte, at) => sum + (byte << (8 * at)), 0);
    for (let at = 0; at <= group.length; at++) text += ALPHABET[(value >> (6 * at)) & 63];
  }
  return text;
}
