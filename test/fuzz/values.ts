// Generates values that a schema allows.
import fc from 'fast-check';
import { textOf } from '../support/odd-texts.ts';
import type { Schema } from './document.ts';
import type { Members, Tree } from './tree.ts';

const LONGEST = 20_000;
const LETTERS = [...'abcdefgh klmnop RSTUV 0123456789 -_.', 'é', 'ß', '日', 'ا', '🔑'];

/** How the fields of one request use known values. */
export interface Pick {
  /** Index of the known value, the same in all fields, so that the values belong together. */
  readonly index: number;
  /** Weight of known values. New values have a weight of up to 5. */
  readonly weight: number;
}

const exampleOf = (schema: Schema): string | undefined => {
  const example = 'example' in schema ? schema.example : undefined;
  return typeof example === 'string' ? example : undefined;
};

/**
 * Replaces the letters and digits of an example with random ones, except for a leading digit. For values whose
 * format the schema does not describe, such as phone numbers.
 */
export const likeExample = (example: string): fc.Arbitrary<string> =>
  fc.array(fc.nat(25), { minLength: example.length, maxLength: example.length }).map((numbers) =>
    example
      .split('')
      .map((char, i) => {
        const number = numbers[i] ?? 0;
        if (i > 0 && /\d/.test(char)) return String(number % 10);
        return /[a-z]/.test(char) && !/^\.\w+$/.test(example.slice(i - 1))
          ? String.fromCharCode(97 + number)
          : char;
      })
      .join(''),
  );

export const typesOf = ({ type, properties }: Schema): readonly string[] => {
  if (type === undefined) return properties ? ['object'] : [];
  return typeof type === 'string' ? [type] : type;
};

/** A text of exactly `length` code points, some of which take two UTF-16 code units. */
export const ofLength = (length: number): string =>
  [...'x🔑'.repeat(length)].slice(0, length).join('');

function text(schema: Schema): fc.Arbitrary<string> {
  const { pattern, format, minLength = 0, maxLength = 60 } = schema;
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  if (format === 'email' || format === 'idn-email') return fc.emailAddress();
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((d) => d.toISOString());
  const letters = textOf(LETTERS, Math.min(maxLength, 60)).map((value) =>
    [...value].length < minLength ? value.padEnd(minLength * 2, 'kzwq') : value,
  );
  const bounded = letters.map((value) => [...value].slice(0, maxLength).join(''));
  if (maxLength > LONGEST) return bounded;
  const bounds = fc.constantFrom(ofLength(minLength), ofLength(maxLength));
  return fc.oneof({ weight: 5, arbitrary: bounded }, { weight: 1, arbitrary: bounds });
}

/**
 * Generates values of a schema. A string may be a known value of that name.
 *
 * @throws Error for an unsupported schema, so that no part of a document is silently left out
 */
export function fromSchema(schema: Schema, name: string, pick: Pick): fc.Arbitrary<Tree> {
  if (schema.const !== undefined) return fc.constant(schema.const as Tree);
  if (schema.enum) return fc.constantFrom(...(schema.enum as Tree[]));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => fromSchema(choice, name, pick)));
  if (schema.allOf) return membersOf(schema, pick);
  const [first, ...others] = typesOf(schema).map((type) => ofType(type, schema, name, pick));
  if (!first) throw new Error(`Unsupported schema: ${JSON.stringify(schema)}`);
  return fc.oneof(
    { weight: 4, arbitrary: first },
    ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
}

function ofType(type: string, schema: Schema, name: string, pick: Pick): fc.Arbitrary<Tree> {
  const { minimum, exclusiveMinimum, maximum = 1_000_000 } = schema;
  const min = minimum ?? (exclusiveMinimum === undefined ? 0 : exclusiveMinimum + 1);
  switch (type) {
    case 'string': {
      const example = exampleOf(schema);
      return fc.oneof(
        {
          weight: pick.weight,
          arbitrary: fc.constant({ known: name, pick: pick.index, otherwise: example ?? '' }),
        },
        ...(example ? [{ weight: 3, arbitrary: likeExample(example) }] : []),
        { weight: 2, arbitrary: text(schema) },
      );
    }
    case 'integer':
      return fc.integer({ min, max: maximum });
    case 'number':
      return fc.double({ min, max: maximum, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const { items = { type: 'string' } } = schema;
      // No known value has the name of a list of words.
      const ofItem = items.pattern === undefined ? pick : { ...pick, weight: 0 };
      return fc.array(fromSchema(items, name, ofItem), { maxLength: 3 });
    }
    case 'object':
      return membersOf(schema, pick);
    default:
      throw new Error(`Unsupported type: ${type}`);
  }
}

/** An object with all required members and some of the optional ones. */
export function membersOf(schema: Schema, pick: Pick): fc.Arbitrary<Members> {
  const { properties = {}, required = [] } = schema.allOf ? merge(schema.allOf) : schema;
  const members = Object.entries(properties).map(([name, member]) => {
    const value = fromSchema(member, name, pick).map((tree): [string, Tree][] => [[name, tree]]);
    return required.includes(name) ? value : fc.oneof(value, fc.constant<[string, Tree][]>([]));
  });
  return fc.tuple(...members).map((parts) => ({ members: parts.flat() }));
}

function merge(parts: readonly Schema[]): Schema {
  return {
    type: 'object',
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: parts.flatMap(({ required }) => required ?? []),
  };
}
