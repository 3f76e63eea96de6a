// Parses the OpenAPI document, from which the fuzzer learns everything that it knows about the API.
import { z } from 'zod';

/** The JSON Schema keywords that the generator reads. The others are kept for the validator. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

const contentSchema = z.record(z.string(), z.object({ schema: z.unknown() }));

const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(
    z.string(),
    z.partialRecord(
      z.enum(['get', 'post', 'put', 'patch', 'delete']),
      z.object({
        operationId: z.string(),
        security: z.array(z.unknown()),
        parameters: z
          .array(
            z.object({
              name: z.string(),
              in: z.enum(['path', 'query', 'header']),
              required: z.boolean().default(false),
              schema: z.unknown(),
            }),
          )
          .default([]),
        requestBody: z.object({ content: contentSchema }).optional(),
        responses: z.record(
          z.string().regex(/^\d{3}$/),
          z.object({
            description: z.string(),
            headers: z.record(z.string(), z.unknown()).default({}),
            content: contentSchema.default({}),
          }),
        ),
      }),
    ),
  ),
  components: z.unknown(),
});

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

/** The documented response of an operation for one status. */
export interface DocumentedAnswer {
  /** For a problem, contains its codes in backticks. */
  readonly description: string;
  readonly headers: readonly string[];
  readonly content: ReadonlyMap<string, Schema>;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Whether the operation requires an access token. */
  readonly isProtected: boolean;
  readonly parameters: readonly Parameter[];
  /** Schemas of the request body by media type. Empty if the operation takes no body. */
  readonly bodies: ReadonlyMap<string, Schema>;
  readonly answers: ReadonlyMap<number, DocumentedAnswer>;
}

/**
 * Returns the operations of an OpenAPI 3.1 document, with every `$ref` resolved.
 *
 * @throws Error if the document has another structure, or if a `$ref` is circular or cannot be resolved
 */
export function operationsOf(document: unknown): readonly Operation[] {
  const { paths } = documentSchema.parse(document);
  const resolve = resolver(document);
  const contents = (content: z.infer<typeof contentSchema> = {}) =>
    new Map(Object.entries(content).map(([type, { schema }]) => [type, resolve(schema)] as const));
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      isProtected: operation.security.length > 0,
      parameters: operation.parameters.map((parameter) => ({
        ...parameter,
        schema: resolve(parameter.schema),
      })),
      bodies: contents(operation.requestBody?.content),
      answers: new Map(
        Object.entries(operation.responses).map(([status, { description, headers, content }]) => [
          Number(status),
          { description, headers: Object.keys(headers), content: contents(content) },
        ]),
      ),
    })),
  );
}

/** Replaces each `$ref` with the schema that it refers to. */
function resolver(document: unknown): (schema: unknown) => Schema {
  const visit = (node: unknown, within: readonly string[]): unknown => {
    if (Array.isArray(node)) return node.map((item) => visit(item, within));
    if (typeof node !== 'object' || node === null) return node;
    const { $ref: reference } = node as { $ref?: unknown };
    if (typeof reference !== 'string') {
      return Object.fromEntries(
        Object.entries(node).map(([key, value]) => [key, visit(value, within)]),
      );
    }
    if (within.includes(reference)) throw new Error(`${reference} is circular`);
    return visit(lookUp(document, reference), [...within, reference]);
  };
  // The validator checks each schema in full; this only ensures that it is an object.
  return (schema) => z.record(z.string(), z.unknown()).parse(visit(schema, [])) as Schema;
}

function lookUp(document: unknown, reference: string): unknown {
  const found = reference
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>(
      (node, key) =>
        typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined,
      document,
    );
  if (found === undefined) throw new Error(`${reference} is not in the document`);
  return found;
}
