import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors.ts';
import { ifNoneMatchNames, profileEtag, versionsOfIfMatch } from '../../src/core/http/etag.ts';

const user = { id: 7 };

/** The code of the error with which a header is rejected. */
function codeOf(header: string): string {
  try {
    versionsOfIfMatch(header, user);
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'none';
}

describe('profileEtag', () => {
  test('is a strong tag of the user and the version', () => {
    expect(profileEtag({ id: 7, version: 3 })).toBe('"7-3"');
  });

  test('any tag is parsed back to its version, for its own user only', () => {
    const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    const version = fc.integer({ min: 1, max: 999_999_999_999_999 });
    fc.assert(
      fc.property(id, id, version, (own, other, version) => {
        fc.pre(own !== other);
        const etag = profileEtag({ id: own, version });
        expect(versionsOfIfMatch(etag, { id: own })).toEqual([version]);
        expect(versionsOfIfMatch(etag, { id: other })).toEqual([]);
        expect(ifNoneMatchNames(etag, etag)).toBe(true);
      }),
    );
  });
});

describe('If-Match', () => {
  test.each([undefined, '*', ' * ', '\t*'])('[S34] %j accepts any version', (header) => {
    expect(versionsOfIfMatch(header, user)).toBeUndefined();
  });

  test.each([
    ['"7-3"', [3]],
    ['  "7-3"\t', [3]],
    ['"7-3","7-4"', [3, 4]],
    ['"7-3" , "7-4"', [3, 4]],
    ['"7-3"\t,\t"7-4"', [3, 4]],
    [', "7-3",, "7-4" ,', [3, 4]],
    ['"other", "7-3"', [3]],
    ['W/"7-3", "7-4"', [4]],
    ['"7-999999999999999"', [999_999_999_999_999]],
  ])('[S34] %s accepts the versions %j', (header, versions) => {
    expect(versionsOfIfMatch(header, user)).toEqual(versions);
  });

  test.each(['W/"7-3"', 'W/"7-3", W/"7-4"', 'W/"*"'])(
    '[S34] the weak %s matches no version',
    (header) => {
      expect(versionsOfIfMatch(header, user)).toEqual([]);
    },
  );

  test.each([
    '"8-3"',
    '"77-3"',
    '"17-3"',
    '"07-3"',
    '"-7-3"',
    '"+7-3"',
    '"7 -3"'.replace(' ', '_'),
  ])('[S34] %s is a tag of another user and matches nothing', (header) => {
    expect(versionsOfIfMatch(header, user)).toEqual([]);
  });

  test.each([
    '""',
    '"*"',
    '"7"',
    '"7-"',
    '"7-0"',
    '"7-03"',
    '"7--3"',
    '"7-+3"',
    '"7-3.0"',
    '"7-3e0"',
    '"7-0x3"',
    '"7-3-3"',
    '"7-three"',
    '"7-1000000000000000"',
    '"7-99999999999999999999"',
    '"7-\xb3"',
    '"\xe9\xff"',
    '"!#$%&\'()*+,-./:;<=>?@[]^_`{|}~"',
    '"W/"',
  ])('[S34] %s is not a tag of any profile and matches nothing', (header) => {
    expect(versionsOfIfMatch(header, user)).toEqual([]);
  });

  test('[S34] a comma inside the quotes does not end the tag', () => {
    expect(versionsOfIfMatch('"a,b"', user)).toEqual([]);
    expect(versionsOfIfMatch('"a,b","7-3"', user)).toEqual([3]);
    expect(versionsOfIfMatch('"7-3,7-4"', user)).toEqual([]);
    expect(versionsOfIfMatch('","', user)).toEqual([]);
  });

  test.each([
    '',
    ' ',
    ',',
    ' , ,\t,',
    '7-3',
    '3',
    'W/',
    'W/7-3',
    "'7-3'",
    '"',
    '"7-3',
    '7-3"',
    '"7-3""7-4"',
    '"7-3" "7-4"',
    '"7-3";"7-4"',
    '"7-3", 7-4',
    '"7-3", "7-4',
    '"7-3" x',
    'x "7-3"',
    'w/"7-3"',
    'W / "7-3"',
    'W/ "7-3"',
    'W/W/"7-3"',
    '**',
    '*, "7-3"',
    '"7-3", *',
    '*,',
    '“7-3”',
  ])('[S34] %j is not a list of entity tags', (header) => {
    expect(codeOf(header)).toBe('malformed_precondition');
  });

  test('[S34] a space, a control character or one above U+00FF inside a tag is malformed', () => {
    for (const char of [' ', '\t', '\n', '\r', '\0', '\x01', '\x1f', '\x7f', '\u0100', '😀']) {
      expect([char, codeOf(`"7${char}3"`)]).toEqual([char, 'malformed_precondition']);
    }
  });

  test('[S34] a control character between tags is malformed', () => {
    for (const char of ['\n', '\r', '\r\n', '\0', '\v', '\f', '\x7f', '\u2028']) {
      expect([char, codeOf(`"7-3",${char}"7-4"`)]).toEqual([char, 'malformed_precondition']);
      expect([char, codeOf(`"7-3"${char}`)]).toEqual([char, 'malformed_precondition']);
    }
  });

  test('[S34] 32 tags are accepted, 33 are malformed', () => {
    const tags = Array.from({ length: 33 }, (_, i) => `"7-${i + 1}"`);
    expect(versionsOfIfMatch(tags.slice(0, 32).join(','), user)).toHaveLength(32);
    expect(codeOf(tags.join(','))).toBe('malformed_precondition');
  });

  test('[S34] long hostile headers do not hang the parser', () => {
    const long = 4000;
    const hostile = [
      `"7-3"${' '.repeat(long)}x`,
      `"7-3"${','.repeat(long)}x`,
      `"7-3"${' ,'.repeat(long / 2)}x`,
      `${',\t '.repeat(long / 3)}x`,
      `${'"",'.repeat(long / 3)}x`,
      `${'W/"",'.repeat(long / 5)}W`,
      'W/'.repeat(long / 2),
      '"'.repeat(long + 1),
    ];
    for (const header of hostile) expect(codeOf(header)).toBe('malformed_precondition');
    expect(versionsOfIfMatch(`"${'x'.repeat(long)}"`, user)).toEqual([]);
    expect(versionsOfIfMatch(`${' ,'.repeat(long)}"7-3"${' ,'.repeat(long)}`, user)).toEqual([3]);
  });

  test('[S34] any text results in versions or malformed_precondition', () => {
    const tagish = fc.string({ unit: fc.constantFrom('"', '7-3', 'W/', ',', ' ', '*', 'x', '\0') });
    fc.assert(
      fc.property(fc.oneof(tagish, fc.string({ unit: 'binary' })), (header) => {
        fc.pre(header.trim() !== '*');
        if (codeOf(header) !== 'none') {
          expect(codeOf(header)).toBe('malformed_precondition');
        } else {
          expect(versionsOfIfMatch(header, user)).toBeInstanceOf(Array);
        }
      }),
    );
  });
});

describe('If-None-Match', () => {
  test.each(['"7-3"', 'W/"7-3"', '*', ' * ', '"x", "7-3"', '"7-2",W/"7-3"', ', "7-3" ,'])(
    '%s contains the tag, by weak comparison',
    (header) => {
      expect(ifNoneMatchNames(header, '"7-3"')).toBe(true);
    },
  );

  test.each([
    undefined,
    '',
    '"7-4"',
    'W/"7-4"',
    '"8-3"',
    '"17-3"',
    '"7-33"',
    '"*"',
    '"a,7-3"',
    '"W/7-3"',
  ])('%s does not contain the tag', (header) => {
    expect(ifNoneMatchNames(header, '"7-3"')).toBe(false);
  });

  test.each(['7-3', "'7-3'", '"7-3', '7-3"', '"', ',', '*x', '\0'])(
    'the malformed %j matches nothing',
    (header) => {
      expect(ifNoneMatchNames(header, '"7-3"')).toBe(false);
    },
  );

  test.each(['x "7-3"', '"7-3" x', '"a""7-3"', '"a" "7-3"', 'w/"7-3"', '"open, "7-3"', '*, "7-3"'])(
    'the malformed %j matches nothing, although it contains the tag',
    (header) => {
      expect(ifNoneMatchNames(header, '"7-3"')).toBe(false);
    },
  );

  test('any text except * matches nothing, without an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (header) => {
        fc.pre(header.trim() !== '*');
        expect(ifNoneMatchNames(header, '"7-3"')).toBe(false);
      }),
    );
  });
});
