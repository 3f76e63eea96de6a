import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTime } from '../../src/runtime/sources/times.ts';

const AT = Date.UTC(2024, 1, 29, 13, 5, 9, 123);

describe('a time', () => {
  test.each([
    '2024-02-29T13:05:09.123Z',
    '2024-02-29 13:05:09.123',
    '2024-02-29 13:05:09.123456',
    '2024-02-29 13:05:09.123+00',
    '2024-02-29 13:05:09.123+00:00',
    '2024-02-29 18:35:09.123+05:30',
    '2024-02-29T09:05:09.123-0400',
    '2024-02-29 13:05:09.123 UTC',
  ])('%s is read exactly', (text) => {
    expect(parseTime(text, 'iso')).toBe(AT);
    expect(parseTime(text, 'any')).toBe(AT);
    expect(parseTime(text, 'seconds')).toBeUndefined();
  });

  test('may be a day, or without seconds', () => {
    expect(parseTime('2024-02-29', 'iso')).toBe(Date.UTC(2024, 1, 29));
    expect(parseTime('2024-02-29 13:05', 'iso')).toBe(Date.UTC(2024, 1, 29, 13, 5));
  });

  test.each([
    ...['', 'now', 'infinity', '-infinity', '0000-00-00 00:00:00', '2023-02-29', '2024-13-01'],
    ...[
      '2024-02-30T00:00:00Z',
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:60:00Z',
      '24-01-01',
      '01/02/2024',
    ],
    ...['2024-01-01T00:00:00+99:00', '2024-01-01T00:00:00ZZ', '0001-01-01 00:00:00', '1969-12-31'],
    ...[
      '1e9',
      '0x10',
      'NaN',
      'Infinity',
      '-1',
      '1700000000',
      '٢٠٢٤-01-01',
      '2024-01-01T00:00:00Z\n',
    ],
    ...['99999999999999999999', '10000-01-01'],
  ])('%j is none in ISO 8601', (text) => {
    expect(parseTime(text, 'iso')).toBeUndefined();
  });

  test.each([
    [1_709_211_909, 'any', 1_709_211_909_000],
    ['1709211909', 'any', 1_709_211_909_000],
    [1_709_211_909_123n, 'any', AT],
    [1_709_211_909.123, 'seconds', AT],
    ['0', 'seconds', 0],
    ['1709211909123', 'milliseconds', AT],
    [1, 'any', undefined],
    [0, 'any', undefined],
    [-5, 'seconds', undefined],
    [1e300, 'seconds', undefined],
    [Number.NaN, 'any', undefined],
    ['999999999999999', 'seconds', undefined],
    ['253402300800000', 'milliseconds', undefined],
  ] as const)('%s as %s is %s', (value, format, time) => {
    expect(parseTime(value, format)).toBe(time);
  });

  test('is read back from every time that JavaScript writes, and never thrown for', () => {
    fc.assert(
      fc.property(
        fc.date({
          min: new Date(0),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        }),
        (date) => {
          expect(parseTime(date.toISOString(), 'iso')).toBe(date.getTime());
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('any', 'iso', 'seconds', 'milliseconds'),
        (text, format) => {
          const time = parseTime(text, format);
          expect(time === undefined || Number.isSafeInteger(time)).toBe(true);
        },
      ),
    );
  });
});
