// Validates values against the document's schemas, with a JSON Schema 2020-12 validator in strict mode.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { normalizeEmail } from '../../src/features/users/identifier.ts';
import type { Schema } from './document.ts';

const RFC_3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

const ajv = new Ajv2020({
  strict: true,
  // OpenAPI 3.1 expresses nullable as `["string", "null"]`.
  allowUnionTypes: true,
  formats: {
    'idn-email': (text: string) => normalizeEmail(text) !== undefined,
    uri: (text: string) => URL.canParse(text),
    'date-time': (text: string) => RFC_3339_UTC.test(text) && !Number.isNaN(Date.parse(text)),
    date: (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
    // A hint for form generators. It does not restrict the value.
    password: true,
    // Bytes, of which a text says nothing.
    binary: true,
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

/** Returns how a response violates its schema. A member that the schema does not name is a violation. */
export function faultsOf(value: unknown, schema: Schema): readonly string[] {
  const { closed } = compile(schema);
  return closed(value) ? [] : (closed.errors ?? []).map(describe);
}

/** Whether a value in a request conforms to its schema. Members that the schema does not name are allowed. */
export const isValid = (value: unknown, schema: Schema): boolean => compile(schema).open(value);

const describe = ({ instancePath, message, params }: NonNullable<ValidateFunction['errors']>[0]) =>
  `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`;

/** Forbids unnamed members in each object whose schema has no `additionalProperties`. */
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
    // A part of an `allOf` does not name all members, so only the whole object is closed.
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
