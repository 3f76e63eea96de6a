import { describe, expect, test } from 'vitest';
import { parseFieldsSchema } from '../../src/core/own-fields/parse.ts';
import { OWN_FIELDS } from '../support/own-fields.ts';
import { errorOf, onLaptop, parse, refused } from '../support/settings.ts';

const problemsOf = (schema: unknown): readonly string[] => {
  const parsed = parseFieldsSchema(JSON.stringify(schema));
  return 'problems' in parsed ? parsed.problems : [];
};
const withField = (field: unknown) => ({ type: 'object', properties: { city: field } });

describe('a JSON Schema of own fields', () => {
  test('that is supported is read, with the bounds that it leaves out', () => {
    expect(problemsOf(JSON.parse(OWN_FIELDS))).toEqual([]);
    expect(
      parseFieldsSchema(
        JSON.stringify({
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          type: 'object',
          properties: {
            a: { type: 'string' },
            b: { type: 'integer' },
            c: { type: 'array', items: { type: 'string' } },
          },
        }),
      ),
    ).toEqual({
      schema: {
        type: 'object',
        properties: {
          a: { type: 'string', maxLength: 255 },
          b: {
            type: 'integer',
            minimum: -Number.MAX_SAFE_INTEGER,
            maximum: Number.MAX_SAFE_INTEGER,
          },
          c: { type: 'array', items: { type: 'string', maxLength: 255 }, maxItems: 20 },
        },
        additionalProperties: false,
      },
    });
  });

  test.each<[string, unknown, RegExp]>([
    [
      'a misspelt keyword',
      withField({ type: 'string', maxLenght: 5 }),
      /^\/properties\/city\/maxLenght is not supported here/,
    ],
    [
      'a keyword of another type',
      withField({ type: 'string', minimum: 5 }),
      /^\/properties\/city\/minimum is not supported/,
    ],
    [
      'a pattern',
      withField({ type: 'string', pattern: '^(a+)+$' }),
      /^\/properties\/city\/pattern .*very long/,
    ],
    [
      'required fields',
      { ...withField({ type: 'string' }), required: ['city'] },
      /^\/required .*no values at first/,
    ],
    ['a default', withField({ type: 'string', default: 'x' }), /^\/properties\/city\/default/],
    ['no type', withField({ maxLength: 5 }), /^\/properties\/city\/type must be one of/],
    ['two types', withField({ type: ['string', 'null'] }), /^\/properties\/city\/type/],
    ['an object in a field', withField({ type: 'object' }), /^\/properties\/city\/type/],
    ['a reference', withField({ $ref: '#' }), /^\/properties\/city\/type/],
    ['a field that is no schema', withField(true), /^\/properties\/city must be a JSON object/],
    [
      'an unknown format',
      withField({ type: 'string', format: 'email' }),
      /format must be one of date, uri$/,
    ],
    [
      'a length that is no number',
      withField({ type: 'string', maxLength: '5' }),
      /maxLength must be a whole number/,
    ],
    ['a length out of bounds', withField({ type: 'string', maxLength: 4097 }), /from 0 to 4096$/],
    [
      'bounds in the wrong order',
      withField({ type: 'string', minLength: 9, maxLength: 5 }),
      /minLength must not be greater than maxLength, 5/,
    ],
    [
      'a minimum above the default maximum',
      withField({ type: 'string', minLength: 256 }),
      /minLength must not be greater than maxLength, 255/,
    ],
    [
      'dates that are too short',
      withField({ type: 'string', format: 'date', maxLength: 9 }),
      /^\/properties\/city\/maxLength must be at least 10, or no value has the format date$/,
    ],
    [
      'dates that are too long',
      withField({ type: 'string', format: 'date', minLength: 11 }),
      /minLength must be at most 10, or no value has the format date$/,
    ],
    [
      'URLs that are too short',
      withField({ type: 'string', format: 'uri', maxLength: 7 }),
      /maxLength must be at least 8, or no value has the format uri$/,
    ],
    [
      'items that no value matches',
      withField({ type: 'array', items: { type: 'string', format: 'date', maxLength: 5 } }),
      /^\/properties\/city\/items\/maxLength must be at least 10/,
    ],
    [
      'more different items than there are choices',
      withField({
        type: 'array',
        items: { type: 'string', enum: ['a', 'b'] },
        ...{ minItems: 3, uniqueItems: true },
      }),
      /^\/properties\/city\/minItems must be at most 2, or no list has items that all differ$/,
    ],
    [
      'two different empty items',
      withField({
        type: 'array',
        items: { type: 'string', maxLength: 0 },
        ...{ minItems: 2, uniqueItems: true },
      }),
      /minItems must be at most 1/,
    ],
    [
      'an unsafe integer',
      withField({ type: 'integer', maximum: 2 ** 53 }),
      /maximum must be a whole number/,
    ],
    [
      'an empty choice',
      withField({ type: 'string', enum: [] }),
      /enum must be an array of 1 to 100/,
    ],
    ['a choice twice', withField({ type: 'string', enum: ['a', 'a'] }), /enum must be/],
    ['a choice that is no text', withField({ type: 'string', enum: [1] }), /enum must be/],
    [
      'a choice beside a length',
      withField({ type: 'string', enum: ['a'], maxLength: 5 }),
      /maxLength must not stand beside enum/,
    ],
    [
      'a list of numbers',
      withField({ type: 'array', items: { type: 'number' } }),
      /items must be a schema of the type "string"/,
    ],
    ['a list of anything', withField({ type: 'array' }), /items must be/],
    [
      'a misspelt keyword of items',
      withField({ type: 'array', items: { type: 'string', maxlength: 5 } }),
      /^\/properties\/city\/items\/maxlength/,
    ],
    [
      'no fields',
      { type: 'object', properties: {} },
      /^\/properties must be an object with 1 to 20 fields/,
    ],
    [
      '21 fields',
      {
        type: 'object',
        properties: Object.fromEntries(
          Array.from({ length: 21 }, (_, i) => [`f${i}`, { type: 'boolean' }]),
        ),
      },
      /1 to 20 fields/,
    ],
    [
      'a name in upper case',
      { type: 'object', properties: { City: { type: 'boolean' } } },
      /^\/properties\/City must be named/,
    ],
    [
      'a name of 41 characters',
      { type: 'object', properties: { ['a'.repeat(41)]: { type: 'boolean' } } },
      /must be named/,
    ],
    [
      'members besides',
      { ...withField({ type: 'boolean' }), additionalProperties: true },
      /^\/additionalProperties must be false/,
    ],
    [
      'another dialect',
      { ...withField({ type: 'boolean' }), $schema: 'http://json-schema.org/draft-07/schema#' },
      /^\/\$schema must be/,
    ],
    ['no object', [], /^must be a JSON object/],
    [
      'a title that is no text',
      withField({ type: 'boolean', title: 5 }),
      /title must be a text of one line/,
    ],
  ])('with %s is rejected, with the place', (_, schema, problem) => {
    expect(problemsOf(schema)).toContainEqual(expect.stringMatching(problem));
  });

  test('named __proto__ is rejected', () => {
    const parsed = parseFieldsSchema(
      '{"type":"object","properties":{"__proto__":{"type":"boolean"}}}',
    );
    expect(parsed).toMatchObject({
      problems: [expect.stringContaining('__proto__ must be named')],
    });
  });

  test('stops the start with every problem in the setting', () => {
    const text =
      '{"type":"object","properties":{"a":{"type":"text"},"b":{"type":"string","pattern":"x"}}}';
    expect(errorOf(() => parse({ PROFILE_FIELDS: text })).problems).toEqual([
      expect.stringMatching(/^PROFILE_FIELDS: \/properties\/a\/type must be one of/),
      expect.stringMatching(/^PROFILE_FIELDS: \/properties\/b\/pattern /),
    ]);
    expect(errorOf(() => parse({ PROFILE_FIELDS: '{' })).problems).toEqual([
      'PROFILE_FIELDS: must be JSON',
    ]);
    expect(parse({}).profileFields).toBeUndefined();
  });

  test('is read from the file that PROFILE_FIELDS_FILE names, on hosts with files', () => {
    const readSecretFile = (path: string) =>
      path === 'fields.json'
        ? { secret: OWN_FIELDS }
        : { fault: 'the file cannot be read (ENOENT)' };
    const hosted = { ...onLaptop, readSecretFile };
    const { profileFields } = parse({ PROFILE_FIELDS_FILE: 'fields.json' }, hosted);
    expect(profileFields).toEqual(parse({ PROFILE_FIELDS: OWN_FIELDS }).profileFields);
    const both = { PROFILE_FIELDS: OWN_FIELDS, PROFILE_FIELDS_FILE: 'fields.json' };
    for (const [settings, host] of [
      [{ PROFILE_FIELDS_FILE: 'other.json' }, hosted],
      [both, hosted],
      [{ PROFILE_FIELDS_FILE: 'fields.json' }, onLaptop],
    ] as const) {
      expect(refused(settings, host)).toEqual(['PROFILE_FIELDS_FILE']);
    }
  });
});
