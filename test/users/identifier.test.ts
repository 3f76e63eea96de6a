import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  normalizeEmail,
  normalizePhone,
  parseIdentifier,
} from '../../src/features/users/identifier.ts';
import { anyText } from '../support/odd-texts.ts';

describe('parseIdentifier', () => {
  test.each([
    ['Ada@Example.com', { kind: 'email', normalized: 'ada@example.com' }],
    ['7760873976@example.com', { kind: 'email', normalized: '7760873976@example.com' }],
    ['77608.73976', { kind: 'phone', normalized: '+917760873976' }],
    ['77608 73976', { kind: 'phone', normalized: '+917760873976' }],
    ['+14155550123', { kind: 'phone', normalized: '+14155550123' }],
  ])('%s is parsed as %j', (text, expected) => {
    expect(parseIdentifier(text, 'IN')).toEqual(expected);
  });

  test.each(['', 'ada', 'ada@', '7760873976@', '@7760873976', '776', '+', 'ada＠example.com'])(
    '%j is neither an email address nor a phone number',
    (text) => {
      expect(parseIdentifier(text, 'IN')).toBeUndefined();
    },
  );

  test('the region applies to the phone number', () => {
    const expected = { kind: 'phone', normalized: '+442079460958' };
    expect(parseIdentifier('020 7946 0958', 'GB')).toEqual(expected);
  });
});

describe('hostile texts', () => {
  test('any text is parsed without an error', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('IN', 'US', 'GB'), (text, region) => {
        const identifier = parseIdentifier(text, region);
        const expected = text.includes('@') ? normalizeEmail(text) : normalizePhone(text, region);
        expect(identifier?.normalized).toBe(expected);
      }),
    );
  });

  const length = 254;
  const fill = (text: string, around = '') => text.repeat(length).slice(0, length - around.length);

  test.each([
    fill('a'),
    fill('@'),
    fill('.'),
    fill('a.'),
    fill('a@'),
    fill('@.'),
    fill('a-'),
    fill('+'),
    fill('"'),
    fill('\ud800'),
    fill('\u0301'),
    `a@${fill('a.', 'a@')}`,
    `a@${fill('a-', 'a@!')}!`,
    `a@${fill('a', 'a@!')}!`,
    `a@${fill('a.', 'a@!')}!`,
    `a@${fill('ab.', 'a@_')}_`,
    `a@${fill('-', 'a@')}`,
    `a@${fill('xn--', 'a@')}`,
    `a@${fill('xn--a.', 'a@.com')}.com`,
    `a@${fill('1.', 'a@')}`,
    `a@${fill('ü.', 'a@!')}!`,
    `${fill('a', '!@b.com')}!@b.com`,
    `${fill('a.', '!@b.com')}!@b.com`,
    `${fill('a', '@b')}@b`,
    `${fill('ﷺ', '@b.com')}@b.com`,
    `${fill('a\u0323\u0307', '@b.com')}@b.com`,
  ])('%#: 254 hostile characters are rejected as an address', (text) => {
    expect(text).toHaveLength(length);
    expect(normalizeEmail(text)).toBeUndefined();
    expect(parseIdentifier(text, 'IN')).toBeUndefined();
  });

  test('a million hostile characters are rejected', () => {
    for (const text of ['a', '@', 'a.', 'a@', '+', '0', '0 ', '-', 'x', '\u0301']) {
      const long = text.repeat(1_000_000 / text.length);
      expect(parseIdentifier(long, 'IN')).toBeUndefined();
      expect(parseIdentifier(`${long}@example.com`, 'IN')).toBeUndefined();
      expect(parseIdentifier(`ada@${long}.com`, 'IN')).toBeUndefined();
    }
  });

  test.each(['0', '0 ', '-', '(', '()', '+', '1-', '.', 'x', 'x1', '#', ';ext=', '\u200b', '７'])(
    '32 times %j is rejected as a phone number',
    (unit) => {
      expect(normalizePhone(unit.repeat(32).slice(0, 32), 'IN')).toBeUndefined();
      expect(normalizePhone(`+${unit.repeat(32).slice(0, 30)}!`, 'IN')).toBeUndefined();
    },
  );
});
