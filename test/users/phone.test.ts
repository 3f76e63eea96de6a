import fc from 'fast-check';
import { getCountries } from 'libphonenumber-js/min';
import { describe, expect, test } from 'vitest';
import { normalizePhone } from '../../src/features/users/identifier.ts';
import { anyCodeUnits, textOf } from '../support/odd-texts.ts';

describe('normalizePhone', () => {
  test.each(['7760873976;isub=12', '7760873976;phone-context=foo', 'tel:+917760873976;ext=5'])(
    '%s, with parameters of RFC 3966, is rejected',
    (text) => {
      expect(normalizePhone(text, 'IN')).toBeUndefined();
    },
  );

  test.each([
    ['7760873976', '+917760873976'],
    ['098765 12345', '+919876512345'],
    ['+14155550123', '+14155550123'],
    ['+442079460958', '+442079460958'],
    ['+80012345678', '+80012345678'],
  ])('%s in the region India is %s', (text, expected) => {
    expect(normalizePhone(text, 'IN')).toBe(expected);
  });

  test.each([
    '7760873976',
    '07760873976',
    '917760873976',
    '+917760873976',
    '00917760873976',
    '0091 7760873976',
    '+91 77608 73976',
    '+91-77608-73976',
    '+91 (77608) 73976',
    '77608.73976',
    '77608/73976',
    ' 7760873976 ',
    '77608\u00a073976',
    '７７６０８７３９７６',
    '٧٧٦٠٨٧٣٩٧٦',
  ])('%j is the same number in another format', (text) => {
    expect(normalizePhone(text, 'IN')).toBe('+917760873976');
  });

  test('the region applies only to a number without a country code', () => {
    expect(normalizePhone('020 7946 0958', 'GB')).toBe('+442079460958');
    expect(normalizePhone('(415) 555-0123', 'US')).toBe('+14155550123');
    expect(normalizePhone('(415) 555-0123', 'IN')).not.toBe('+14155550123');
    for (const region of ['IN', 'GB', 'US', 'DE']) {
      expect(normalizePhone('+91 77608 73976', region)).toBe('+917760873976');
    }
  });

  test.each([
    '7760873976 ext 5',
    '7760873976 ext. 5',
    '7760873976 extn 5',
    '7760873976x5',
    '7760873976 x 5',
    '7760873976#5',
    '7760873976,5',
    '7760873976,,5',
    '7760873976;5',
    '7760873976;ext=5',
    '+917760873976;ext=5',
    '7760873976 int 5',
    '7760873976 доб 5',
    '7760873976～5',
  ])('%s is rejected because of its extension', (text) => {
    expect(normalizePhone(text, 'IN')).toBeUndefined();
  });

  test('32 characters are accepted, 33 rejected', () => {
    expect(normalizePhone('7760873976'.padStart(32, ' '), 'IN')).toBe('+917760873976');
    expect(normalizePhone('7760873976'.padStart(33, ' '), 'IN')).toBeUndefined();
    expect(normalizePhone('7'.repeat(1_000_000), 'IN')).toBeUndefined();
  });

  test.each([
    '',
    ' ',
    '+',
    '++917760873976',
    '+91',
    '+91 ',
    '0',
    '12',
    '112',
    '911',
    '77608',
    '776087397',
    '77608739760',
    '0000000000',
    '+0917760873976',
    '+999123456789',
    '+1 555 0123',
    '12345678901234567',
    'phone',
    'call 7760873976',
    'abc7760873976',
    '7760873976abc',
    '77608a73976',
    '7760873976 7760873977',
    '7760873976+',
    '+91+7760873976',
    '7760873976\n',
    '77608\t73976',
    '7760873976\0',
    '*7760873976',
    '7760873976#',
    '7.760873976e9',
    '-7760873976e0',
    '0x1CE9A1E38',
    '+1-800-FLOWERS',
    'tel:7760873976',
    'ada@example.com',
    '<b>7760873976</b>',
    '\ud800',
    '7760873976\udc00',
    '日本',
  ])('%j is rejected', (text) => {
    expect(normalizePhone(text, 'IN')).toBeUndefined();
  });

  const phoneish = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    anyCodeUnits,
    textOf([...'0123456789+-() ./x#;,', '+91', '77608', '７', '٧', 'ext', '\u200b'], 14),
    fc
      .tuple(fc.constantFrom('+91', '+1415', '+4420', '0', ''), fc.integer({ min: 0 }))
      .map((p) => p.join('')),
  );

  test('15 digits, the maximum of E.164, are accepted, 16 rejected', () => {
    expect(normalizePhone('+49 7760800776080', 'IN')).toBe('+497760800776080');
    expect(normalizePhone('+49 77608007760800', 'IN')).toBeUndefined();
    expect(normalizePhone('77608007760800', 'DE')).toBeUndefined();
  });

  test('a normal form is in E.164 and is its own normal form', () => {
    const regions = fc.constantFrom('IN', 'US', 'GB', 'DE', 'FR', 'JP', 'AU');
    fc.assert(
      fc.property(phoneish, regions, (text, region) => {
        const once = normalizePhone(text, region);
        fc.pre(once !== undefined);
        expect(once).toMatch(/^\+[1-9]\d{1,14}$/);
        expect(normalizePhone(once, region)).toBe(once);
        expect(normalizePhone(once, 'IN')).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  test('any text is rejected or normalized to E.164, in any region', () => {
    fc.assert(
      fc.property(phoneish, fc.constantFrom(...getCountries()), (text, region) => {
        expect(normalizePhone(text, region) ?? '+19').toMatch(/^\+[1-9]\d{1,14}$/);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['VA', '0772000000'],
    ['IM', '5713948834'],
    ['BB', '8959390091'],
    ['BR', '09032518375'],
  ])(
    'in %s, which shares its code or has carrier codes, %s is rejected or has a stable form',
    (region, text) => {
      const once = normalizePhone(text, region);
      expect(once && normalizePhone(once, region)).toBe(once);
    },
  );
});
