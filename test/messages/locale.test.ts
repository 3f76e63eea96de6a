import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { localeOf } from '../../src/features/messages/locale.ts';
import { LOCALES, type Locale } from '../../src/features/messages/message.ts';
import { anyCodeUnits } from '../support/odd-texts.ts';

const cases: readonly (readonly [string | undefined, Locale])[] = [
  [undefined, 'en'],
  ['', 'en'],
  ['hi', 'hi'],
  ['HI', 'hi'],
  ['hi-IN', 'hi'],
  ['hi-Deva-IN', 'hi'],
  ['hi-IN,hi;q=0.9,en-US;q=0.8,en;q=0.7', 'hi'],
  ['en-US,en;q=0.9,hi;q=0.8', 'en'],
  ['en;q=0.5, hi;q=0.501', 'hi'],
  ['hi;q=0.5, en;q=0.501', 'en'],
  ['fr, de;q=0.9', 'en'],
  ['fr, de;q=0.9, hi;q=0.001', 'hi'],
  // The first of two with the same weight.
  ['hi, en', 'hi'],
  ['en, hi', 'en'],
  // A wildcard stands for the languages that are not listed.
  ['*', 'en'],
  ['*, hi', 'hi'],
  ['*, hi;q=0.9', 'en'],
  ['en;q=0, *', 'hi'],
  ['en;q=0.1, *;q=0.5', 'hi'],
  ['hi;q=0, *', 'en'],
  // Weight 0 is "not acceptable"; the message needs a language nevertheless.
  ['hi;q=0', 'en'],
  ['en;q=0', 'en'],
  ['en;q=0, hi;q=0', 'en'],
  // Optional white space, empty elements.
  [' ,\thi\t;\tq=0.8 ,, en ; q=0.7', 'hi'],
  ['hi;Q=0.2, en;q=0.1', 'hi'],
  ['en;q=0., hi;q=1.', 'hi'],
  // Malformed elements are ignored.
  ['hi;q=2, en;q=0.1', 'en'],
  ['hi;q=-1, en;q=0.1', 'en'],
  ['hi;q=1.5, en;q=0.1', 'en'],
  ['hi;q=NaN, en;q=0.1', 'en'],
  ['hi;q=0.1234, en;q=0.1', 'en'],
  ['hi;level=1, en;q=0.1', 'en'],
  ['hi_IN, en;q=0.1', 'en'],
  ['hindi', 'en'],
  ['hi en', 'en'],
  ['"hi"', 'en'],
  ['__proto__, constructor', 'en'],
];

describe('localeOf', () => {
  test.each(cases)('%j is %s', (field, locale) => {
    expect(localeOf(field)).toBe(locale);
  });

  test('a field of more than 1000 characters is ignored', () => {
    expect(localeOf(`${' '.repeat(998)}hi`)).toBe('hi');
    expect(localeOf(`${' '.repeat(999)}hi`)).toBe('en');
  });

  test('returns a language for any text, and the same one each time', () => {
    const pieces = fc
      .array(fc.constantFrom('hi', 'en', 'fr', '*', ';', 'q=', '0.5', '1', '0', ',', '-', ' ', '"'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), anyCodeUnits, pieces), (text) => {
        const locale = localeOf(text);
        expect(LOCALES).toContain(locale);
        expect(localeOf(text)).toBe(locale);
      }),
      { numRuns: 2000 },
    );
  });

  const weight = fc.integer({ min: 0, max: 1000 });
  const range = fc.constantFrom('hi', 'hi-IN', 'HI-Latn', 'en', 'en-GB', 'fr', 'de-AT', 'ta');
  const field = (list: readonly (readonly [string, number])[]) =>
    list.map(([name, q]) => `${name};q=${(q / 1000).toFixed(3)}`).join(', ');

  test('returns the language with the highest weight, in any order', () => {
    const listed = fc.uniqueArray(fc.tuple(range, weight), { selector: ([, q]) => q });
    fc.assert(
      fc.property(listed, (list) => {
        const weightOf = (language: string) =>
          Math.max(
            0,
            ...list.flatMap(([name, q]) => (name.toLowerCase().startsWith(language) ? q : [])),
          );
        const expected = weightOf('hi') > weightOf('en') ? 'hi' : 'en';
        expect(localeOf(field(list))).toBe(expected);
        expect(localeOf(field(list.toReversed()))).toBe(expected);
      }),
    );
  });

  test('other languages and malformed elements change nothing', () => {
    const noise = fc.constantFrom(
      'fr',
      'de;q=1',
      'hi;q=9',
      'en;x=1',
      '',
      ' ',
      ';',
      'zh-Hant-TW;q=0.9',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(range, weight)), noise, fc.nat(), (list, other, place) => {
        const elements = field(list).split(', ');
        const at = place % (elements.length + 1);
        expect(localeOf(elements.toSpliced(at, 0, other).join(','))).toBe(localeOf(field(list)));
      }),
    );
  });

  test('takes linear time', () => {
    const startedAt = performance.now();
    for (const piece of ['a-', ' ', '\t', 'hi;', ';q=0.', ',', 'aaaaaaaa-']) {
      for (let i = 0; i < 100; i++) localeOf(piece.repeat(1000 / piece.length));
    }
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
