import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  bioField,
  idField,
  nameField,
  newEmailField,
  newPasswordField,
  newPhoneField,
  passwordField,
  usernameField,
} from '../../src/features/users/fields.ts';

const EMOJI = '🔑';
const E_ACUTE = 'e\u0301';
const CONTROL_CHARACTERS = [
  ...Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)),
  ...Array.from({ length: 0x21 }, (_, i) => String.fromCharCode(0x7f + i)),
];
const PROSE = ['\t', '\n', '\r'];

const texts = {
  newEmailField,
  newPhoneField,
  nameField,
  bioField,
  newPasswordField,
  usernameField,
  passwordField,
};

/** Returns `ok`, or the codes of all issues. */
function check(field: z.ZodType, value: unknown): string {
  const result = field.safeParse(value);
  if (result.success) {
    expect(result.data).toBe(value);
    return 'ok';
  }
  return result.error.issues
    .map((issue) => (issue.code === 'custom' ? String(issue.params?.code) : issue.code))
    .join();
}

describe('newPasswordField', () => {
  test.each([
    [0, 'ok'],
    [7, 'ok'],
    [8, 'ok'],
    [64, 'ok'],
    [256, 'ok'],
    [257, 'too_long'],
  ])('[S1] %i code points: %s', (length, expected) => {
    expect(check(newPasswordField, 'x'.repeat(length))).toBe(expected);
    expect(check(newPasswordField, EMOJI.repeat(length))).toBe(expected);
    expect(check(newPasswordField, '日'.repeat(length))).toBe(expected);
    expect(check(newPasswordField, ' '.repeat(length))).toBe(expected);
  });

  test.each([
    [8, 'ok'],
    [256, 'ok'],
    [257, 'too_long'],
  ])('[S1] %i letters of two code points that compose to one: %s', (length, expected) => {
    expect(check(newPasswordField, E_ACUTE.repeat(length))).toBe(expected);
  });

  test('[S1] every code point of a text without a composed form counts', () => {
    expect(check(newPasswordField, 'x\u0301'.repeat(128))).toBe('ok');
    expect(check(newPasswordField, `${'x\u0301'.repeat(128)}x`)).toBe('too_long');
  });

  test('[S2] a password needs no capital, digit or symbol', () => {
    for (const password of ['abcdefghijklmnopqrst', 'x'.repeat(20), '12345678', 'correct horse']) {
      expect(check(newPasswordField, password)).toBe('ok');
    }
  });

  test('[S2] a password may contain any character except NUL', () => {
    expect(check(newPasswordField, 'tab\tand line\n\x7f')).toBe('ok');
    expect(check(newPasswordField, '  both ends  ')).toBe('ok');
    expect(check(newPasswordField, 'password\0')).toBe('control_character');
    expect(check(newPasswordField, '\0password')).toBe('control_character');
  });
});

describe('usernameField and passwordField', () => {
  test.each([
    ['usernameField', usernameField],
    ['passwordField', passwordField],
  ])('%s accepts 1 to 1,024 code points of any kind', (_, field) => {
    expect(check(field, '')).toBe('too_short');
    expect(check(field, 'x')).toBe('ok');
    expect(check(field, EMOJI.repeat(1024))).toBe('ok');
    expect(check(field, EMOJI.repeat(1025))).toBe('too_long');
    for (const char of CONTROL_CHARACTERS) expect(check(field, `a${char}b`)).toBe('ok');
  });
});

describe('nameField', () => {
  test('255 code points are accepted, 256 rejected', () => {
    for (const char of ['x', EMOJI]) {
      expect(check(nameField, char.repeat(255))).toBe('ok');
      expect(check(nameField, char.repeat(256))).toBe('too_long');
    }
  });

  test('an empty name and names in every script are accepted', () => {
    for (const name of ['', 'Ada Lovelace', 'Zoë', 'علي', '山田太郎', "O'Neil", '👩‍💻', '<b>']) {
      expect(check(nameField, name)).toBe('ok');
    }
  });

  test('[S54] joiners, variation selectors and directional marks are kept', () => {
    for (const name of [
      '👩‍👩‍👧‍👦 family',
      '❤️ Ada',
      'ശ്രീ‍ലത', // Malayalam, with a zero-width joiner
      'علی‌رضا', // Persian, with a zero-width non-joiner
      'Ada \u200e(\u05d0\u05d3\u05d4)\u200f',
      '\u2068علي\u2069 (Ali)',
      '\u202bעדה\u202c \u2067א\u202aAda\u202c\u2069',
    ]) {
      expect([name, check(nameField, name)]).toEqual([name, 'ok']);
    }
  });

  test('[S54] bidirectional controls that are not closed, or close nothing, are rejected', () => {
    for (const name of [
      ...[
        '\u202aAda',
        '\u202bAda',
        '\u202dAda',
        'Ada \u202etxet',
        '\u2066Ada',
        '\u2067Ada',
        '\u2068Ada',
      ],
      ...['Ada\u202c', 'Ada\u2069', '\u202aAda\u2069', '\u2067Ada\u202c', '\u202c\u202e'],
      ...['\u202a\u2066Ada\u202c\u2069', '\u202eAda\u2029\u202c'],
    ]) {
      expect([name, check(nameField, name)]).toEqual([name, 'unbalanced_bidi']);
    }
  });

  test.each(CONTROL_CHARACTERS)('the control character %j is rejected', (char) => {
    expect(check(nameField, `Ada${char}Lovelace`)).toBe('control_character');
    expect(check(nameField, `Ada${char}`)).toBe('control_character');
  });
});

describe('bioField', () => {
  test('10,000 code points are accepted, 10,001 rejected', () => {
    for (const char of ['x', EMOJI, '\n']) {
      expect(check(bioField, char.repeat(10_000))).toBe('ok');
      expect(check(bioField, char.repeat(10_001))).toBe('too_long');
    }
  });

  test('an empty biography is accepted', () => {
    expect(check(bioField, '')).toBe('ok');
  });

  test('tab, line feed and carriage return are accepted', () => {
    for (const char of PROSE) expect(check(bioField, `one${char}two`)).toBe('ok');
    expect(check(bioField, 'First programmer.\r\n\r\n\t- and poet\n')).toBe('ok');
  });

  test.each(CONTROL_CHARACTERS.filter((char) => !PROSE.includes(char)))(
    'the control character %j is rejected, also next to a line feed',
    (char) => {
      expect(check(bioField, `one${char}two`)).toBe('control_character');
      expect(check(bioField, `one\n${char}\ntwo`)).toBe('control_character');
    },
  );
});

describe('newEmailField', () => {
  test('an address is kept as entered', () => {
    for (const email of ['ada@example.com', 'Ada.Lovelace@EXAMPLE.com', 'zoë@bücher.example']) {
      expect(check(newEmailField, email)).toBe('ok');
    }
  });

  test('a text that is not an address is rejected', () => {
    for (const email of ['', 'ada', 'ada@localhost', 'ada @example.com', 'a\0@example.com']) {
      expect(check(newEmailField, email)).toBe('invalid_email');
    }
  });

  test.each([
    ['a zero-width space', '\u200b'],
    ['a zero-width joiner', '\u200d'],
    ['a combining grapheme joiner', '\u034f'],
    ['a Hangul filler', '\u3164'],
    ['a halfwidth Hangul filler', '\uffa0'],
    ['an invisible Khmer vowel', '\u17b4'],
    ['a Mongolian variation selector', '\u180b'],
    ['a variation selector', '\ufe0f'],
    ['a variation selector of plane 14', '\u{e0100}'],
    ['a byte order mark', '\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['a right-to-left override', '\u202e'],
  ])('[S54] an address with %s at any position is rejected', (_, char) => {
    for (const email of [
      `a${char}da@example.com`,
      `ada${char}@example.com`,
      `ada@exa${char}mple.com`,
    ]) {
      expect(check(newEmailField, email)).toBe('invalid_email');
    }
    // At the ends too, because only white space is trimmed.
    for (const email of [`${char}ada@example.com`, `ada@example.com${char}`]) {
      expect(check(newEmailField, email)).toBe('invalid_email');
    }
    expect(check(usernameField, `a${char}da@example.com`)).toBe('ok');
  });

  test('254 characters are accepted, 255 rejected', () => {
    const local = 'a'.repeat(64);
    const domain = `${'d'.repeat(63)}.${'d'.repeat(63)}.${'d'.repeat(57)}.com`;
    expect(check(newEmailField, `${local}@${domain}`)).toBe('ok');
    expect(check(newEmailField, `${local}@${domain}x`)).toContain('too_long');
  });
});

describe('white space around email addresses and phone numbers', () => {
  const SPACES = ['  ', '\t', '\r\n', '\u0085', '\u00a0', '\u2003', '\u2028', '\u3000'];

  test.each([
    ['newEmailField', newEmailField, 'ada@example.com'],
    ['newPhoneField', newPhoneField, '77608 73976'],
    ['usernameField', usernameField, 'ada@example.com'],
  ])('%s trims it before it checks the length', (_, field, value) => {
    for (const space of SPACES) {
      const long = space.repeat(2000);
      expect(field.safeParse(`${long}${value}${long}`)).toMatchObject({ data: value });
    }
  });

  test('spaces alone are trimmed to an empty text', () => {
    expect(check(newPhoneField, ' \t ')).toBe('too_short');
    expect(check(usernameField, '\u3000')).toBe('too_short');
    expect(check(newEmailField, ' ')).toBe('invalid_email');
  });

  test('passwords are not trimmed', () => {
    for (const field of [passwordField, newPasswordField])
      expect(check(field, ' a b \n')).toBe('ok');
  });
});

describe('newPhoneField', () => {
  test('1 to 32 characters are accepted, even if they are not a number', () => {
    expect(check(newPhoneField, '')).toBe('too_short');
    expect(check(newPhoneField, '7')).toBe('ok');
    expect(check(newPhoneField, '7'.repeat(32))).toBe('ok');
    expect(check(newPhoneField, '7'.repeat(33))).toBe('too_long');
  });

  test('a control character is rejected', () => {
    for (const char of CONTROL_CHARACTERS) {
      expect(check(newPhoneField, `77608${char}73976`)).toBe('control_character');
    }
  });
});

describe.each(Object.entries(texts))('%s', (_, field) => {
  test('lone surrogates are rejected as malformed, pairs are not', () => {
    const malformed = ['\ud83d', '\udd11', 'abcdefgh\ud800', '\udc00abcdefgh', '\udd11\ud83d'];
    for (const value of malformed) expect(check(field, value)).toContain('malformed_unicode');
    expect(check(field, EMOJI.repeat(8))).not.toContain('malformed_unicode');
  });

  test('only strings are accepted, and nothing is coerced to a string', () => {
    const values = [5, 12_345_678, 0, true, null, undefined, [], ['ada@example.com'], {}, 5n];
    for (const value of [...values, Symbol('x'), new String('ada@example.com')]) {
      expect(check(field, value)).toBe('invalid_type');
    }
  });

  test('the messages for a missing and a wrong value differ, and do not contain the value', () => {
    const message = (value: unknown) => field.safeParse(value).error?.issues[0]?.message;
    expect(message(undefined)).toBe('is required');
    expect(message(null)).toBe('must be a string');
    expect(message(77_608)).toBe('must be a string');
  });
});

describe('idField', () => {
  test('only positive integers are accepted, and no strings', () => {
    expect(check(idField, 1)).toBe('ok');
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null, 2 ** 53]) {
      expect([value, check(idField, value)]).not.toEqual([value, 'ok']);
    }
  });
});
