import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { commonPasswords, renderData } from '../../scripts/common-passwords.ts';
import {
  fingerprintOf,
  isCommonPassword,
  MAX_FINGERPRINTED_CHARACTERS,
} from '../../src/features/passwords/common-passwords.ts';
import {
  FINGERPRINTS,
  LONG_COMMON_PASSWORDS,
} from '../../src/features/passwords/common-passwords-data.ts';

const list = commonPasswords();

/** The same texts at every run: lower-case letters from a linear congruential generator. */
function* otherPasswords(count: number, length: number): Generator<string> {
  let state = 20_260_101;
  for (let i = 0; i < count; i++) {
    let text = '';
    for (let letter = 0; letter < length; letter++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      text += String.fromCharCode(97 + Math.floor((state / 2 ** 32) * 26));
    }
    yield text;
  }
}

describe('[S4] the list of common passwords', () => {
  test('has 12,000 of eight characters or more, in less than 20 KB', () => {
    expect(list).toHaveLength(12_000);
    expect(new Set(list).size).toBe(12_000);
    expect(list.filter((password) => [...password].length < 8)).toEqual([]);
    const bytes = Buffer.from(FINGERPRINTS, 'base64').length + LONG_COMMON_PASSWORDS.length;
    expect(bytes).toBeLessThan(20_000);
  });

  test('is what the script makes of its two sources', () => {
    const path = new URL('../../src/features/passwords/common-passwords-data.ts', import.meta.url);
    expect(readFileSync(path, 'utf8')).toBe(renderData());
  });

  test('every password on it is known', () => {
    expect(list.filter((password) => !isCommonPassword(password))).toEqual([]);
  });

  test.each([
    ...['password', '12345678', 'qwertyuiop', 'iloveyou1', 'p@ssw0rd', 'trustno1', 'jennifer'],
    ...['aaaaaaaa', 'abcdefgh', '87654321', '12341234', '1q2w3e4r', 'to_share@123'],
    ...['international', '1qaz2wsx3edc4rfv', '1q2w3e4r5t6y7u8i9o0p'],
  ])('%s is on it', (password) => {
    expect(isCommonPassword(password)).toBe(true);
  });

  test.each([
    ...['analytical engine', 'go to the moon 1969', 'correct horse battery staple'],
    ...['abcdefghijklmnopqrst', 'pässwörd-日本', '🔑🔑🔑🔑🔑🔑🔑🔑', ''],
  ])('"%s" is not', (password) => {
    expect(isCommonPassword(password)).toBe(false);
  });

  test.each([8, MAX_FINGERPRINTED_CHARACTERS])(
    'of 200,000 others of %i characters fewer than one in a thousand is taken for one on it',
    (length) => {
      let taken = 0;
      for (const other of otherPasswords(200_000, length)) if (isCommonPassword(other)) taken++;
      // None at all would mean that the texts are not as many or not as different as they should be.
      expect(taken).toBeGreaterThan(50);
      expect(taken).toBeLessThan(200);
    },
  );

  test('of 200,000 longer others, as password managers make them, none is', () => {
    const others = [...otherPasswords(200_000, MAX_FINGERPRINTED_CHARACTERS + 1)];
    expect(new Set(others).size).toBe(200_000);
    expect(others.filter(isCommonPassword)).toEqual([]);
  });

  test('a fingerprint is 24 bits, of the UTF-8 bytes', () => {
    for (const text of ['', 'a', 'password', '日本', '🔑']) {
      expect(fingerprintOf(text)).toBeGreaterThanOrEqual(0);
      expect(fingerprintOf(text)).toBeLessThan(2 ** 24);
      expect(Number.isInteger(fingerprintOf(text))).toBe(true);
    }
    expect(fingerprintOf('\u00e9')).not.toBe(fingerprintOf('\u00e8'));
  });
});
