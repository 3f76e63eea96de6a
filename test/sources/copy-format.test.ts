import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCopyLine, parseCopyHead } from '../../src/runtime/sources/files/copy-format.ts';

const NAMED: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\v': 'v',
  '\\': '\\',
};
/** Every byte but NUL, which PostgreSQL does not store. */
const byte = fc.integer({ min: 1, max: 255 });
/** A byte, and how it is written: as itself or as any escape that stands for it. */
const written = fc
  .tuple(byte, fc.constantFrom('plain', 'octal', 'hex', 'needless'))
  .map(([code, how]): [string, string] => {
    const char = String.fromCharCode(code);
    if (how === 'octal') return [char, `\\${code.toString(8).padStart(3, '0')}`];
    if (how === 'hex') return [char, `\\x${code.toString(16).padStart(2, '0')}`];
    const named = NAMED[char];
    if (named !== undefined) return [char, `\\${named}`];
    return [char, how === 'needless' && !/[0-9bfnrtvxN.]/.test(char) ? `\\${char}` : char];
  });
const field = fc.array(written).map((chars) => ({
  value: chars.map(([value]) => value).join(''),
  text: chars.map(([, text]) => text).join(''),
}));

describe('the text format of COPY', () => {
  test('is decoded exactly, however it is encoded', () => {
    const nullField = fc.constant({ value: null, text: '\\N' });
    fc.assert(
      fc.property(fc.array(fc.oneof(field, nullField), { minLength: 1 }), (fields) => {
        const line = fields.map(({ text }) => text).join('\t');
        expect(decodeCopyLine(line)).toEqual(fields.map(({ value }) => value));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['a\\tb\tc', ['a\tb', 'c']],
    ['\\N\t\\\\N\t', [null, '\\N', '']],
    ['\\0011', ['\u00011']],
    ['\\x4g\\xg\\q', ['\u0004gxgq']],
    ['\\7\\777', ['\u0007\u00ff']],
    ['a\\', undefined],
    ['a\\\t', undefined],
    ['a\\\\\\', undefined],
  ])('%j is %j', (line, fields) => {
    expect(decodeCopyLine(line)).toEqual(fields);
  });

  test.each([
    [
      'COPY public.users (id, "e""m ail", "a,b") FROM stdin;',
      'public',
      'users',
      ['id', 'e"m ail', 'a,b'],
    ],
    [
      'COPY "My Schema"."user" ("emailVerified") FROM stdin;',
      'My Schema',
      'user',
      ['emailVerified'],
    ],
    ['COPY users (id) FROM stdin;', 'public', 'users', ['id']],
    ['COPY public.nothing  FROM stdin;', '', '', []],
  ])('%s begins rows', (line, schema, table, columns) => {
    expect(parseCopyHead(line)).toEqual({ schema, table, columns });
  });

  test.each(['-- COPY public.users (id) FROM stdin;', 'COPY public.users TO stdout;', 'SELECT 1;'])(
    '%s begins none',
    (line) => {
      expect(parseCopyHead(line)).toBeUndefined();
    },
  );
});
