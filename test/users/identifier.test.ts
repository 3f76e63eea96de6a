import fc from 'fast-check';
import { getCountries } from 'libphonenumber-js/min';
import { describe, expect, test } from 'vitest';
import { normalizeEmail, normalizePhone, parseIdentifier } from '../../src/users/identifier.ts';

/** Code units in any order, so with lone surrogates. */
const anyCodeUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
  .map((units) => String.fromCharCode(...units));

const textOf = (units: readonly string[], maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...units), minLength: 1, maxLength });

/** Near enough to an address that many are taken, and odd enough to find the seams. */
const localish = textOf(
  [
    ...'abZ09.+_-~',
    'é',
    'e\u0301',
    'ß',
    'ẞ',
    'İ',
    'ı',
    'Σ',
    'ς',
    '\u212a',
    '\u212b',
    'ﬁ',
    'Ａ',
    '．',
    '①',
    'ǅ',
    'ϓ',
    '日',
    '\u0345',
    '\u0323',
    '\ufe0f',
    '＠',
  ],
  12,
);
const labelish = textOf(
  [
    ...'abZ019-',
    '0x',
    'xn--',
    'é',
    'u\u0308',
    'ß',
    'ẞ',
    'İ',
    'Σ',
    '\u212a',
    'ﬁ',
    'Ａ',
    '１',
    '①',
    '٣',
    '日',
    'ا',
    '\u0345',
    '\u034f',
    '\ufe0f',
    '\u00ad',
    '\u200d',
    '。',
  ],
  9,
);
const domainish = fc
  .array(labelish, { minLength: 1, maxLength: 4 })
  .chain((labels) =>
    fc.constantFrom('com', '日本', 'xn--p1ai', ...labels).map((tld) => [...labels, tld].join('.')),
  );
const addressish = fc.tuple(localish, domainish).map((parts) => parts.join('@'));
const anyText = fc.oneof(
  addressish,
  fc.emailAddress(),
  fc.string({ unit: 'binary' }),
  anyCodeUnits,
  anyCodeUnits.map((text) => `${text}@example.com`),
  anyCodeUnits.map((text) => `ada@${text}.com`),
);

const D63 = 'd'.repeat(63);

describe('normalizeEmail', () => {
  test.each([
    ['ada@example.com', 'ada@example.com'],
    ['a@b.co', 'a@b.co'],
    ['ada.lovelace@example.com', 'ada.lovelace@example.com'],
    ['ada+tag@example.com', 'ada+tag@example.com'],
    ["o'neil@example.com", "o'neil@example.com"],
    ["!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"],
    ['12345@example.com', '12345@example.com'],
    ['-@example.com', '-@example.com'],
    ['ada@1.example.com', 'ada@1.example.com'],
    ['ada@163.com', 'ada@163.com'],
    ['ada@a-b.example', 'ada@a-b.example'],
    ['ada@a--b.example', 'ada@a--b.example'],
    ['ada@a.b.c.d.e.example', 'ada@a.b.c.d.e.example'],
    ['ada@example.museum', 'ada@example.museum'],
    ['ada@example.xn--p1ai', 'ada@example.xn--p1ai'],
    [`ada@${D63}.com`, `ada@${D63}.com`],
    ['用户@例子.广告', '用户@xn--fsqu00a.xn--4rr70v'],
    ['अदा@उदाहरण.भारत', 'अदा@xn--p1b6ci4b4b3a.xn--h2brj9c'],
  ])('%s is taken as %s', (text, normalized) => {
    expect(normalizeEmail(text)).toBe(normalized);
  });

  test.each([
    '',
    '@',
    'ada',
    'ada@',
    '@example.com',
    'example.com',
    'ada@example',
    'ada@localhost',
    'ada@example.c',
    'ada@example.123',
    'ada@example.１２３',
    'ada@example..com',
    'ada@.example.com',
    'ada@example.com.',
    'ada@example.com。',
    'ada@.com',
    'ada@.',
    'ada@-example.com',
    'ada@example-.com',
    'ada@exa_mple.com',
    'ada@exam ple.com',
    'ada@example.com:25',
    'ada@example.com/path',
    'ada@example.com?q',
    'ada@example.com#f',
    'ada@%65xample.com',
    'ada@example,com',
    'ada@exa\\mple.com',
    'ada@127.0.0.1',
    'ada@192.168.10.254',
    'ada@[127.0.0.1]',
    'ada@[IPv6:::1]',
    'ada@::1',
    'ada@xn--a.example',
    'ada@xn--.example',
    '.ada@example.com',
    'ada.@example.com',
    'ada..lovelace@example.com',
    '.@example.com',
    '"ada"@example.com',
    '"ada lovelace"@example.com',
    '"ada@home"@example.com',
    'ada"@example.com',
    'ada@home@example.com',
    'ada@@example.com',
    'ada lovelace@example.com',
    ' ada@example.com',
    'ada@example.com ',
    'ada @example.com',
    'ada@ example.com',
    'ada\t@example.com',
    'ada@example.com\n',
    'ada\r\nBcc: eve@example.com',
    'ada\0@example.com',
    'ada@example.com\0',
    'ada(comment)@example.com',
    'ada@example.com(comment)',
    'Ada <ada@example.com>',
    '<ada@example.com>',
    'mailto:ada@example.com',
    'ada;eve@example.com',
    'ada@example.com,eve@example.com',
    'ada\\@example.com',
    'ad\u200ba@example.com',
    'ad\u202ea@example.com',
    'ada@exam\u200bple.com',
    'ada@exam\u00adple.com',
    'ada\u00a0@example.com',
    '🔑@example.com',
    'ada＠example.com',
    'a℀da＠@example.com',
    'ada@a℀b.com',
    'ada@\u0301example.com',
    '\ud800@example.com',
    'ada@\udc00.com',
  ])('%j is refused', (text) => {
    expect(normalizeEmail(text)).toBeUndefined();
  });

  test('254 characters are taken, 255 refused', () => {
    const local = 'a'.repeat(64);
    const longest = `${local}@${D63}.${D63}.${'d'.repeat(57)}.com`;
    expect(longest).toHaveLength(254);
    expect(normalizeEmail(longest)).toBe(longest);
    expect(normalizeEmail(`${local}@${D63}.${D63}.${'d'.repeat(58)}.com`)).toBeUndefined();
  });

  test('the 254 characters are those that were entered', () => {
    const composed = `${'é'.repeat(32)}@${D63}.${D63}.${'d'.repeat(29)}.com`;
    const decomposed = composed.normalize('NFD');
    expect(decomposed).toHaveLength(composed.length + 32);
    expect(normalizeEmail(decomposed)).toBe(composed);
    expect(normalizeEmail(decomposed.replace('.com', `${'d'.repeat(28)}.com`))).toBeDefined();
    expect(normalizeEmail(decomposed.replace('.com', `${'d'.repeat(29)}.com`))).toBeUndefined();
  });

  test('a local part of 64 bytes is taken, of 65 refused', () => {
    expect(normalizeEmail(`${'a'.repeat(64)}@example.com`)).toBeDefined();
    expect(normalizeEmail(`${'a'.repeat(65)}@example.com`)).toBeUndefined();
    expect(normalizeEmail(`${'é'.repeat(32)}@example.com`)).toBeDefined();
    expect(normalizeEmail(`${'é'.repeat(32)}a@example.com`)).toBeUndefined();
    expect(normalizeEmail(`${'日'.repeat(21)}a@example.com`)).toBeDefined();
    expect(normalizeEmail(`${'日'.repeat(21)}aa@example.com`)).toBeUndefined();
  });

  test('the bytes of the local part are counted in its normal form', () => {
    expect(normalizeEmail(`${'e\u0301'.repeat(32)}@example.com`)).toBeDefined();
    expect(normalizeEmail(`${'e\u0301'.repeat(33)}@example.com`)).toBeUndefined();
    // One character of three bytes that is folded to eighteen characters.
    expect(normalizeEmail(`${'ﷺ'.repeat(4)}@example.com`)).toBeUndefined();
  });

  test('a label of 63 characters is taken, of 64 refused', () => {
    expect(normalizeEmail(`ada@${D63}.com`)).toBeDefined();
    expect(normalizeEmail(`ada@d${D63}.com`)).toBeUndefined();
    expect(normalizeEmail(`ada@example.${D63}`)).toBeDefined();
    expect(normalizeEmail(`ada@example.d${D63}`)).toBeUndefined();
  });

  test.each([
    ['letter case', ['ada@example.com', 'Ada@Example.COM', 'ADA@EXAMPLE.COM']],
    ['letter case of any script', ['ЁЖ@example.com', 'ёж@example.com']],
    [
      'composed and decomposed letters',
      ['zoë@example.com', 'zoe\u0308@example.com', 'ZOE\u0308@example.com'],
    ],
    ['the order of marks', ['a\u0323\u0307@example.com', 'a\u0307\u0323@example.com']],
    [
      'a capital that composes with its mark only once it is small',
      ['J\u030c@example.com', 'j\u030c@example.com', 'ǰ@example.com'],
    ],
    [
      'fullwidth letters',
      ['ada@example.com', 'ａｄａ@ｅｘａｍｐｌｅ．ｃｏｍ', 'ＡＤＡ@example.com'],
    ],
    ['the Kelvin sign', ['kim@example.com', '\u212aim@example.com', 'kim@example.com']],
    ['the Kelvin sign in the domain', ['ada@kim.com', 'ada@\u212aim.com']],
    ['the Ångström sign', ['åsa@example.com', '\u212bsa@example.com', 'A\u030asa@example.com']],
    ['ligatures', ['fiona@example.com', 'ﬁona@example.com']],
    ['circled digits', ['ada1@example.com', 'ada①@example.com']],
    [
      'an internationalized domain and its punycode',
      [
        'ada@bücher.example',
        'ada@BÜCHER.example',
        'ada@bu\u0308cher.example',
        'ada@xn--bcher-kva.example',
        'ada@XN--BCHER-KVA.EXAMPLE',
      ],
    ],
    [
      'an internationalized top level and its punycode',
      ['ada@пример.рф', 'ada@xn--e1afmkfd.xn--p1ai', 'ada@ПРИМЕР.РФ'],
    ],
    [
      'sharp s of a domain in any case and its punycode',
      ['ada@faß.example', 'ada@FAẞ.example', 'ada@xn--fa-hia.example'],
    ],
  ])('%s: all give one normal form', (_, texts) => {
    const forms = texts.map(normalizeEmail);
    expect(forms[0]).toBeDefined();
    expect(new Set(forms).size).toBe(1);
  });

  test('what different people could own stays different', () => {
    const texts = [
      'ada@example.com',
      'a.da@example.com',
      'ada+x@example.com',
      'ada@example.org',
      'ada@mail.example.com',
      'àda@example.com',
      'аda@example.com', // with a Cyrillic а
      'ada@exаmple.com', // with a Cyrillic а
      'strasse@example.com',
      'straße@example.com',
      'ada@fass.example',
      'ada@faß.example',
    ];
    const forms = texts.map(normalizeEmail);
    expect(forms).not.toContain(undefined);
    expect(new Set(forms).size).toBe(texts.length);
  });

  test.each([
    'ada@127.0.0.0x1',
    'ada@127.0.0.0X1',
    'ada@0.0x',
    'ada@1.2.3.4\ufe0f',
    'ada@1.2.0x304',
    'ada@192.168.10.0xfe',
    'ada@192.168.10.25\ufe0f4',
  ])('%j, an IP address in disguise, is refused', (text) => {
    expect(normalizeEmail(text)).toBeUndefined();
  });

  test.each([
    'ada@\ufe0f.com',
    'ada@\u034f.com',
    'ada@example.\ufe0f\ufe0f',
    'ada@example.c\ufe0f',
  ])('%j, whose label is too short once the invisible is gone, is refused', (text) => {
    expect(normalizeEmail(text)).toBeUndefined();
  });

  test.each(['ada@example.-com', 'ada@example.com-', 'ada@example.--', 'ada@example.-日本'])(
    '%s, whose top level begins or ends with a hyphen, is refused',
    (text) => {
      expect(normalizeEmail(text)).toBeUndefined();
    },
  );

  test('a label is refused whose ASCII form has more than 63 characters', () => {
    expect(normalizeEmail(`ada@${'ü'.repeat(57)}.example`)).toMatch(
      /^ada@xn--[a-z0-9]{59}\.example$/,
    );
    expect(normalizeEmail(`ada@${'ü'.repeat(60)}.example`)).toBeUndefined();
  });

  test('an address is refused whose normal form has more than 254 characters', () => {
    const label = 'ü'.repeat(50);
    const long = `ada@${`${label}.`.repeat(4)}example`;
    expect(long.length).toBeLessThan(254);
    expect(normalizeEmail(`ada@${`${label}.`.repeat(3)}example`)).toBeDefined();
    const wide = `${'a'.repeat(64)}@${`${label}.`.repeat(3)}${'d'.repeat(20)}.example`;
    expect(wide.length).toBeLessThanOrEqual(254);
    expect(normalizeEmail(wide)).toBeUndefined();
  });

  test('the normal form of a normal form is itself, whatever was entered', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = normalizeEmail(text);
        fc.pre(once !== undefined);
        expect(normalizeEmail(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  test('the normal form of a normal form is itself, for every letter, mark and digit', () => {
    const unstable: string[] = [];
    for (let code = 0; code <= 0xffff; code++) {
      const char = String.fromCharCode(code);
      // Ideographs and Hangul syllables are half of them and fold to themselves.
      if (!/[\p{L}\p{M}\p{N}]/u.test(char) || /[\u3400-\u9fff\uac00-\ud7a3]/.test(char)) continue;
      for (const text of [`${char}@example.com`, `ada@${char}.com`, `ada@example.a${char}`]) {
        const once = normalizeEmail(text);
        if (once !== undefined && normalizeEmail(once) !== once) unstable.push(text);
      }
    }
    expect(unstable).toEqual([]);
  });

  test('a normal form has an ASCII domain, no capitals and at most 254 characters', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const normalized = normalizeEmail(text);
        fc.pre(normalized !== undefined);
        expect(normalized).toMatch(/^[^@\s]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,63}$/u);
        expect(normalized).toBe(normalized.normalize('NFKC').toLowerCase());
        expect(normalized.length).toBeLessThanOrEqual(254);
      }),
      { numRuns: 2000 },
    );
  });

  test('letter case of an ASCII address never matters', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        expect(normalizeEmail(email.toUpperCase())).toBe(normalizeEmail(email));
      }),
    );
  });
});

describe('normalizePhone', () => {
  test.each([
    ['7760873976', '+917760873976'],
    ['098765 12345', '+919876512345'],
    ['+14155550123', '+14155550123'],
    ['+442079460958', '+442079460958'],
    ['+80012345678', '+80012345678'],
  ])('%s of India is %s', (text, expected) => {
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
  ])('%j is one number in another format', (text) => {
    expect(normalizePhone(text, 'IN')).toBe('+917760873976');
  });

  test('the region completes a number that has no country code, and only such a number', () => {
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
  ])('the extension of %s is refused', (text) => {
    expect(normalizePhone(text, 'IN')).toBeUndefined();
  });

  test('32 characters are taken, 33 refused', () => {
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
  ])('%j is refused', (text) => {
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

  test('15 digits, the most that E.164 has, are taken, 16 refused', () => {
    expect(normalizePhone('+49 7760800776080', 'IN')).toBe('+497760800776080');
    expect(normalizePhone('+49 77608007760800', 'IN')).toBeUndefined();
    expect(normalizePhone('77608007760800', 'DE')).toBeUndefined();
  });

  test('a normal form is E.164 and its own normal form', () => {
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

  test('any text at all is refused or given E.164, in any region', () => {
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
    'in %s, a country that shares its code or has carrier codes, %s is found by its normal form or refused',
    (region, text) => {
      const once = normalizePhone(text, region);
      expect(once && normalizePhone(once, region)).toBe(once);
    },
  );
});

describe('parseIdentifier', () => {
  test.each([
    ['Ada@Example.com', { kind: 'email', normalized: 'ada@example.com' }],
    ['7760873976@example.com', { kind: 'email', normalized: '7760873976@example.com' }],
    ['77608.73976', { kind: 'phone', normalized: '+917760873976' }],
    ['77608 73976', { kind: 'phone', normalized: '+917760873976' }],
    ['+14155550123', { kind: 'phone', normalized: '+14155550123' }],
  ])('%s is read as %j', (text, expected) => {
    expect(parseIdentifier(text, 'IN')).toEqual(expected);
  });

  test.each(['', 'ada', 'ada@', '7760873976@', '@7760873976', '776', '+', 'ada＠example.com'])(
    '%j is neither',
    (text) => {
      expect(parseIdentifier(text, 'IN')).toBeUndefined();
    },
  );

  test('the region is that of the phone number', () => {
    const expected = { kind: 'phone', normalized: '+442079460958' };
    expect(parseIdentifier('020 7946 0958', 'GB')).toEqual(expected);
  });
});

describe('hostile texts', () => {
  test('any text at all gives an answer and no error', () => {
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
  ])('%#: 254 hostile characters are refused as an address', (text) => {
    expect(text).toHaveLength(length);
    expect(normalizeEmail(text)).toBeUndefined();
    expect(parseIdentifier(text, 'IN')).toBeUndefined();
  });

  test('a million hostile characters are refused', () => {
    for (const text of ['a', '@', 'a.', 'a@', '+', '0', '0 ', '-', 'x', '\u0301']) {
      const long = text.repeat(1_000_000 / text.length);
      expect(parseIdentifier(long, 'IN')).toBeUndefined();
      expect(parseIdentifier(`${long}@example.com`, 'IN')).toBeUndefined();
      expect(parseIdentifier(`ada@${long}.com`, 'IN')).toBeUndefined();
    }
  });

  test.each(['0', '0 ', '-', '(', '()', '+', '1-', '.', 'x', 'x1', '#', ';ext=', '\u200b', '７'])(
    '32 times %j is refused as a phone number',
    (unit) => {
      expect(normalizePhone(unit.repeat(32).slice(0, 32), 'IN')).toBeUndefined();
      expect(normalizePhone(`+${unit.repeat(32).slice(0, 30)}!`, 'IN')).toBeUndefined();
    },
  );
});
