import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  equalInConstantTime,
  equalTextsInConstantTime,
  fromBase64,
  randomBytes,
  textToBase64Url,
  toBase64,
  toBase64Url,
  utf8,
} from '../../src/core/crypto/bytes.ts';

const anyBytes = fc.uint8Array({ maxLength: 300 });

describe('base64', () => {
  test('any bytes are encoded as by Buffer, without padding', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const buffer = Buffer.from(bytes);
        expect(toBase64(bytes)).toBe(buffer.toString('base64').replaceAll('=', ''));
        expect(toBase64Url(bytes)).toBe(buffer.toString('base64url'));
      }),
    );
  });

  test.each([
    ['ASCII', fc.string({ unit: 'binary-ascii', maxLength: 300 })],
    ['any characters', fc.string({ unit: 'binary', maxLength: 300 })],
  ])('a text of %s is encoded as its UTF-8 bytes', (_letters, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(textToBase64Url(text)).toBe(Buffer.from(text).toString('base64url'));
      }),
    );
  });

  test('any encoded bytes are decoded, padded or not', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(fromBase64(toBase64(bytes))).toEqual(Uint8Array.from(bytes));
        expect(fromBase64(Buffer.from(bytes).toString('base64'))).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  test('the vectors of RFC 4648 section 10 match in both directions', () => {
    const vectors = { '': '', f: 'Zg', fo: 'Zm8', foo: 'Zm9v', foob: 'Zm9vYg', fooba: 'Zm9vYmE' };
    for (const [plain, encoded] of Object.entries(vectors)) {
      expect(toBase64(utf8(plain))).toBe(encoded);
      expect(fromBase64(encoded)).toEqual(utf8(plain));
    }
  });

  test('the last two characters of the alphabet differ between base64 and base64url', () => {
    const bytes = Uint8Array.of(0xfb, 0xff, 0xbf);
    expect(toBase64(bytes)).toBe('+/+/');
    expect(toBase64Url(bytes)).toBe('-_-_');
  });

  test.each([
    'A',
    'AAAAA',
    'A===',
    '===',
    '=AAA',
    'A=AA',
    'AA=A',
    'AA A',
    ' AAAA',
    'AAAA\n',
    'AA\nAA',
    '-_-_',
    'AA.A',
    'AA,A',
    'AAAé',
    'ＡＡＡＡ',
    'AAA\0',
    '\ud800AAA',
    'data:;base64,AAAA',
  ])('%j is not base64 and decodes to undefined', (text) => {
    expect(fromBase64(text)).toBeUndefined();
  });

  test.each(['=', '==', 'AA=', 'AAA==', 'AAAA=', 'AAAA=='])(
    '%j has invalid padding and decodes to undefined',
    (text) => {
      expect(fromBase64(text)).toBeUndefined();
    },
  );

  test('any text decodes to bytes or undefined, without an error', () => {
    const base64ish = fc.string({ unit: fc.constantFrom('A', 'z', '+', '/', '=', '-', '\n', 'é') });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), base64ish), (text) => {
        const bytes = fromBase64(text);
        expect(bytes === undefined || bytes instanceof Uint8Array).toBe(true);
        if (/[^A-Za-z0-9+/=]/.test(text)) expect(bytes).toBeUndefined();
      }),
    );
  });
});

describe('utf8', () => {
  test('any text is encoded as by Buffer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8(text)).toEqual(Uint8Array.from(Buffer.from(text, 'utf8')));
      }),
    );
  });
});

describe('randomBytes', () => {
  test('the length is the requested one, and no two results are equal', () => {
    for (const length of [0, 1, 16, 64]) expect(randomBytes(length)).toHaveLength(length);
    const seen = new Set(Array.from({ length: 1000 }, () => toBase64(randomBytes(16))));
    expect(seen.size).toBe(1000);
  });
});

describe('equalInConstantTime', () => {
  test('a copy is equal', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(equalInConstantTime(bytes, Uint8Array.from(bytes))).toBe(true);
      }),
    );
  });

  test('bytes with any single bit changed are unequal', () => {
    const bytes = randomBytes(32);
    for (let bit = 0; bit < 256; bit++) {
      const other = bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(equalInConstantTime(bytes, other)).toBe(false);
      expect(equalInConstantTime(other, bytes)).toBe(false);
    }
  });

  test('two changes that would cancel each other out are detected', () => {
    expect(equalInConstantTime(Uint8Array.of(1, 2), Uint8Array.of(2, 1))).toBe(false);
    expect(equalInConstantTime(Uint8Array.of(0xff, 0), Uint8Array.of(0, 0xff))).toBe(false);
  });

  test('bytes of different lengths are unequal, even if the rest is zero', () => {
    expect(equalInConstantTime(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
    expect(equalInConstantTime(Uint8Array.of(1, 2, 0), Uint8Array.of(1, 2))).toBe(false);
    expect(equalInConstantTime(new Uint8Array(), Uint8Array.of(0))).toBe(false);
  });

  test('any two byte strings compare as by Buffer', () => {
    const short = fc.uint8Array({ maxLength: 2, max: 2 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        expect(equalInConstantTime(a, b)).toBe(Buffer.from(a).equals(b));
      }),
    );
  });
});

describe('equalTextsInConstantTime', () => {
  test('any two texts compare as by ===', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', 'Ā'), maxLength: 3 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        expect(equalTextsInConstantTime(a, b)).toBe(a === b);
      }),
    );
  });

  test('two changes that would cancel each other out are detected', () => {
    expect(equalTextsInConstantTime('ab', 'ba')).toBe(false);
  });
});
