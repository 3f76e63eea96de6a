import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { languageTag } from '../../src/core/language-tag.ts';
import { timeZoneName } from '../../src/core/time-zone.ts';
import { storedLocale } from '../../src/features/messages/locale.ts';

describe('a time zone', () => {
  test('of the platform is one in any letter case, and gets its own', () => {
    for (const name of Intl.supportedValuesOf('timeZone')) {
      for (const text of [name, name.toLowerCase(), name.toUpperCase()]) {
        expect(timeZoneName(text)).toBe(name);
      }
    }
  });

  test.each([
    ['asia/kolkata', 'Asia/Kolkata'],
    ['Asia/Calcutta', 'Asia/Calcutta'],
    ['AMERICA/PORT-AU-PRINCE', 'America/Port-au-Prince'],
    ['america/argentina/comodrivadavia', 'America/Argentina/ComodRivadavia'],
    ['africa/dar_es_salaam', 'Africa/Dar_es_Salaam'],
    ['etc/gmt+5', 'Etc/GMT+5'],
    ['utc', 'UTC'],
    ['est5edt', 'EST5EDT'],
  ])('%s is %s', (text, name) => {
    expect(timeZoneName(text)).toBe(name);
  });

  test.each([
    ...['+05:30', '-08', 'UTC+5', 'IST', 'ACT', 'PST', 'SystemV/AST4', 'Factory', 'localtime', ''],
    ...[
      'Asia/Nowhere',
      'Etc/Unknown',
      'Etc/GMT+15',
      'Asia/Kolkata ',
      'Asia/Kolkata\u0000',
      'Hong\u212aong',
      '../etc',
    ],
  ])('%j is none', (text) => {
    expect(timeZoneName(text)).toBeUndefined();
  });
});

describe('a language', () => {
  test.each([
    ['hi', 'hi'],
    ['HI-in', 'hi-IN'],
    ['zh-hant-tw', 'zh-Hant-TW'],
    ['es-419', 'es-419'],
    ['de-ch-1996', 'de-CH-1996'],
    ['SL-rozaj-BISKE-1994', 'sl-rozaj-biske-1994'],
  ])('%s is %s', (text, tag) => {
    expect(languageTag(text)).toBe(tag);
  });

  test.each([
    ...[
      '',
      'h',
      'hi_IN',
      'hi-',
      'english',
      'en-u-ca-buddhist',
      'x-a',
      'en-x-a',
      'en-t-hi',
      'i-klingon',
    ],
    ...[
      'zh-yue-HK',
      'en-US-US',
      'de-1996-1996',
      'hi-IN\u0000',
      'ｈｉ',
      `sl-${'rozaj123-'.repeat(4)}`,
    ],
  ])('%j is none', (text) => {
    expect(languageTag(text)).toBeUndefined();
  });

  test('is always one for the platform too, and stays what it is', () => {
    const subtag = fc.stringMatching(/^[a-zA-Z0-9]{1,8}$/);
    fc.assert(
      fc.property(fc.array(subtag, { minLength: 1, maxLength: 5 }), (subtags) => {
        const tag = languageTag(subtags.join('-'));
        if (tag === undefined) return;
        expect(() => Intl.getCanonicalLocales(tag)).not.toThrow();
        expect(languageTag(tag)).toBe(tag);
      }),
    );
  });

  test.each([
    ['hi-IN', 'hi'],
    ['hi-Deva-IN', 'hi'],
    ['en-GB', 'en'],
    ['tlh', 'en'],
    ['hit', 'en'],
    [null, 'en'],
  ])('of an account, %j, has its notices in %s', (stored, locale) => {
    expect(storedLocale(stored)).toBe(locale);
  });
});
