// Holds values against the document's schemas, by a JSON Schema 2020-12 validator in its strict mode.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { normalizeEmail } from '../../src/features/users/identifier.ts';
import type { Schema } from './document.ts';

const RFC_3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

const ajv = new Ajv2020({
  strict: true,
  // `["string", "null"]` is how 3.1 says nullable.
  allowUnionTypes: true,
  formats: {
    'idn-email': (text: string) => normalizeEmail(text) !== undefined,
    'date-time': (text: string) => RFC_3339_UTC.test(text) && !Number.isNaN(Date.parse(text)),
    // For whoever draws a form; says nothing of the value.
    password: true,
  },
});
ajv.addKeyword('example');

const compiled = new WeakMap<Schema, { open: ValidateFunction; closed: ValidateFunction }>();

function compile(schema: Schema) {
  const known = compiled.get(schema);
  if (known) return known;
  const both = { open: ajv.compile(schema), closed: ajv.compile(close(schema)) };
  compiled.set(schema, both);
  return both;
}

/** What of an answer breaks its schema. A member that the schema does not name does, too. */
export function faultsOf(value: unknown, schema: Schema): readonly string[] {
  const { closed } = compile(schema);
  return closed(value) ? [] : (closed.errors ?? []).map(describe);
}

/** Whether a request's value keeps its schema. Members that are not named are the reader's to ignore. */
export const isValid = (value: unknown, schema: Schema): boolean => compile(schema).open(value);

const describe = ({ instancePath, message, params }: NonNullable<ValidateFunction['errors']>[0]) =>
  `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`;

/** Forbids members that are not named, in each object that does not say that it takes them. */
function close(schema: Schema, isPart = false): Schema {
  const { properties, items, allOf, anyOf, oneOf } = schema;
  const isObject = properties !== undefined || allOf !== undefined;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, member]) => [name, close(member)]),
      ),
    }),
    ...(items && { items: close(items) }),
    // Of an object in parts only the whole knows all the members.
    ...(allOf && { allOf: allOf.map((part) => close(part, true)) }),
    ...(anyOf && { anyOf: anyOf.map((one) => close(one, isPart)) }),
    ...(oneOf && { oneOf: oneOf.map((one) => close(one, isPart)) }),
    ...(isObject &&
      !isPart &&
      !('additionalProperties' in schema) && {
        type: schema.type ?? 'object',
        unevaluatedProperties: false,
      }),
  };
}
