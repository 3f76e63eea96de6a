import fc from 'fast-check';

/** Arbitrary code units, including lone surrogates. */
export const anyCodeUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
  .map((units) => String.fromCharCode(...units));

export const textOf = (units: readonly string[], maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...units), minLength: 1, maxLength });

/**
 * Texts that resemble local parts closely enough that many are accepted, but that are unusual enough to reach edge
 * cases.
 */
export const localish = textOf(
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
export const labelish = textOf(
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
export const domainish = fc
  .array(labelish, { minLength: 1, maxLength: 4 })
  .chain((labels) =>
    fc.constantFrom('com', '日本', 'xn--p1ai', ...labels).map((tld) => [...labels, tld].join('.')),
  );
export const addressish = fc.tuple(localish, domainish).map((parts) => parts.join('@'));
export const anyText = fc.oneof(
  addressish,
  fc.emailAddress(),
  fc.string({ unit: 'binary' }),
  anyCodeUnits,
  anyCodeUnits.map((text) => `${text}@example.com`),
  anyCodeUnits.map((text) => `ada@${text}.com`),
);

export const D63 = 'd'.repeat(63);
