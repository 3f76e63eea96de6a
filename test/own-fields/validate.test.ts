import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFieldsSchema } from '../../src/core/own-fields/parse.ts';
import { type FieldSchema, fieldOf } from '../../src/core/own-fields/schema.ts';
import { faultOf } from '../../src/core/own-fields/validate.ts';

/** An independent reading of the formats. */
const formats = {
  date: (text: string) => {
    const at = new Date(`${text}T00:00:00Z`);
    return (
      /^\d{4}-\d\d-\d\d$/.test(text) &&
      !Number.isNaN(at.getTime()) &&
      at.toISOString().startsWith(text)
    );
  },
  uri: (text: string) => /^https?:/i.test(text) && URL.canParse(text),
};

const schemaOf = (field: object): FieldSchema => {
  const parsed = parseFieldsSchema(JSON.stringify({ type: 'object', properties: { field } }));
  if ('problems' in parsed) throw new Error(parsed.problems.join());
  const schema = fieldOf(parsed.schema, 'field');
  if (!schema) throw new Error('no field');
  return schema;
};

const small = fc.nat({ max: 6 });
const texts = fc.oneof(
  fc.record(
    {
      type: fc.constant('string'),
      minLength: fc.nat({ max: 3 }),
      maxLength: fc.integer({ min: 3, max: 6 }),
    },
    { requiredKeys: ['type'] },
  ),
  fc.record({
    type: fc.constant('string'),
    enum: fc.uniqueArray(fc.stringMatching(/^[a-c]{1,2}$/), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ type: fc.constant('string'), format: fc.constant('date') }),
);
const bounds = fc
  .tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }))
  .map(([a, b]) => ({
    ...{ minimum: Math.min(a, b), maximum: Math.max(a, b) },
  }));
const fields = fc.oneof(
  texts,
  fc
    .tuple(fc.constantFrom('number', 'integer'), fc.option(bounds, { nil: {} }))
    .map(([type, of]) => ({ type, ...of })),
  fc.constant({ type: 'boolean' }),
  fc
    .record(
      {
        items: texts,
        minItems: fc.nat({ max: 2 }),
        maxItems: fc.integer({ min: 2, max: 4 }),
        uniqueItems: fc.boolean(),
      },
      { requiredKeys: ['items'] },
    )
    // Otherwise no list matches, and the schema is rejected.
    .filter(
      ({ items, minItems = 0, uniqueItems }) =>
        !(uniqueItems && 'enum' in items && minItems > items.enum.length),
    )
    .map((of) => ({ type: 'array', ...of })),
);
const words = fc.oneof(
  fc.stringMatching(/^[a-c]{0,7}$/),
  fc
    .string({ unit: 'grapheme', maxLength: 7 })
    .filter((text) => !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(text)),
  fc.constantFrom(
    '2024-02-29',
    '2023-02-29',
    '2026-12-31',
    '2026-13-01',
    '2026-1-1',
    '2100-02-29',
    '2000-02-29',
    '2026-04-31',
  ),
);
const values = fc.oneof(
  words,
  small,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -12, max: 12 }),
  fc.boolean(),
  fc.array(words, { maxLength: 5 }),
  fc.array(fc.constantFrom<unknown>('a', 'b', 1, null), { maxLength: 4 }),
  fc.constantFrom<unknown>(null, {}, { length: 1 }, Number.POSITIVE_INFINITY, 2 ** 53, -0),
);

describe('the validator of own fields', () => {
  test('[S87] agrees with ajv for random schemas and values', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fields,
        fc.array(values, { minLength: 12, maxLength: 24 }),
        (field, candidates) => {
          const schema = schemaOf(field);
          const ajv = new Ajv2020({ strict: true, formats });
          const validate = ajv.compile(schema);
          for (const value of candidates) {
            const isValid = validate(value);
            if (isValid) accepted++;
            expect([schema, value, faultOf(value, schema) === undefined]).toEqual([
              schema,
              value,
              isValid,
            ]);
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  test.each([
    ['malformed_unicode', 'a\ud800'],
    ['control_character', 'a\u0000b'],
    ['control_character', 'a\nb'],
    ['unbalanced_bidi', 'a\u202eb'],
  ])('[S87] rejects a text with %s', (code, text) => {
    expect(faultOf(text, schemaOf({ type: 'string' }))).toMatchObject({ code });
    const list = schemaOf({ type: 'array', items: { type: 'string' } });
    expect(faultOf(['x', text], list)).toMatchObject({ code, index: 1 });
  });

  test('accepts line breaks in a text of more than 255 characters only', () => {
    expect(faultOf('a\r\n\tb', schemaOf({ type: 'string', maxLength: 256 }))).toBeUndefined();
    expect(faultOf('a\u0000b', schemaOf({ type: 'string', maxLength: 256 }))).toBeDefined();
  });

  test.each([
    'https://a.example',
    'http://a.example:8080/b/c?d=%20#e',
    'HTTPS://[::1]/',
    'https://xn--p1ai/',
    'https://a.example:65535#',
    'https://a.example/b?c?d/#e?f/',
    'https://a.example?#',
  ])('accepts the URL %s', (url) => {
    expect(faultOf(url, schemaOf({ type: 'string', format: 'uri' }))).toBeUndefined();
    expect(formats.uri(url)).toBe(true);
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'https://',
    '//a.example',
    'https://a@b.example',
    'https://a.example/<b>',
    'https://a.example/"',
    'https://a.example/%zz',
    'https://a.example/%',
    'https://a.example:65536/',
    'https://a.example:99999',
    'https://a.example/[b]',
    'https://a.example/?b=[c]',
    'https://a.example/#b#c',
    'https://a.example/#[b]',
    'https://[::1',
    'https://a b',
    ' https://a.example',
    'https://é.example',
    'a',
  ])('[S87] rejects the URL %s', (url) => {
    expect(faultOf(url, schemaOf({ type: 'string', format: 'uri' }))).toMatchObject({
      code: 'invalid_uri',
    });
  });

  test.each([
    ['a path', '/', 'a'],
    ['a query', '/?', '?'],
    ['a fragment', '#', 'a'],
    ['a host', '', 'a-'],
    ['escapes', '/', '%20'],
  ])(
    '[S87] needs linear time for %s of 4 MB that ends with a wrong character',
    (_, start, part) => {
      const schema = { type: 'string', format: 'uri', maxLength: 2 ** 23 } as const;
      const url = `https://a${start}${part.repeat(2 ** 22 / part.length)}`;
      for (const end of ['<', '#<', '##', '?#?#']) {
        expect(faultOf(url + end, schema)).toMatchObject({ code: 'invalid_uri' });
      }
    },
  );

  test('accepts only URLs that the parser of the platform accepts', () => {
    const schema = schemaOf({ type: 'string', format: 'uri' });
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        if (faultOf(url, schema) === undefined) expect(formats.uri(url)).toBe(true);
      }),
    );
  });
});
