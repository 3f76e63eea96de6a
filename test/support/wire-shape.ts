import { z } from 'zod';

/** What clients rely on of an operation. Members are paths such as `sessions.[].id`. */
export const operationShape = z.strictObject({
  operationId: z.string(),
  /** The members that a success may contain, by its status. */
  successes: z.record(z.string(), z.array(z.string())),
  /** The members that a request may contain, by media type, and those that it must. */
  accepts: z.record(z.string(), z.array(z.string())),
  requires: z.record(z.string(), z.array(z.string())),
});
/** By method and path, such as `GET /profile/me`. */
export const wireShape = z.record(z.string(), operationShape);

export type WireShape = z.infer<typeof wireShape>;

const METHODS = new Set(['get', 'put', 'post', 'patch', 'delete']);
const MAX_DEPTH = 8;

type Json = Readonly<Record<string, unknown>>;

const jsonSchema = z.record(z.string(), z.unknown());

/** A member of a JSON object as an object; empty if it is none. */
const at = (value: unknown, ...path: readonly string[]): Json =>
  path.reduce<Json>(
    (of, name) => jsonSchema.safeParse(of[name]).data ?? {},
    jsonSchema.safeParse(value).data ?? {},
  );

const listAt = (value: Json, name: string): readonly unknown[] =>
  z.array(z.unknown()).safeParse(value[name]).data ?? [];

/** Returns the shape of the operations that an OpenAPI document describes. */
export function shapeOf(document: unknown): WireShape {
  const resolved = (value: unknown): Json => {
    const own = at(value);
    return typeof own.$ref === 'string'
      ? resolved(at(document, ...own.$ref.split('/').slice(1)))
      : own;
  };

  function members(schema: unknown, mustBe: boolean, prefix = '', depth = 0): string[] {
    if (depth > MAX_DEPTH) return [];
    const own = resolved(schema);
    // A union requires what all its members require. Here, only what is outside of one counts.
    const kinds = mustBe ? ['allOf'] : ['allOf', 'anyOf', 'oneOf'];
    const required = new Set(listAt(own, 'required'));
    return [
      ...kinds.flatMap((kind) =>
        listAt(own, kind).flatMap((each) => members(each, mustBe, prefix, depth + 1)),
      ),
      ...Object.entries(at(own, 'properties'))
        .filter(([name]) => !mustBe || required.has(name))
        .flatMap(([name, each]) => [
          prefix + name,
          ...members(each, mustBe, `${prefix}${name}.`, depth + 1),
        ]),
      ...('items' in own ? members(own.items, mustBe, `${prefix}[].`, depth + 1) : []),
    ];
  }

  const sorted = (names: readonly string[]) => [...new Set(names)].sort();
  const ofContent = (holder: unknown, mustBe: boolean) =>
    Object.entries(at(resolved(holder), 'content')).map(
      ([type, media]) => [type, sorted(members(at(media).schema, mustBe))] as const,
    );

  return Object.fromEntries(
    Object.entries(at(document, 'paths')).flatMap(([path, item]) =>
      Object.entries(at(item))
        .filter(([method]) => METHODS.has(method))
        .map(([method, operation]) => {
          const { operationId, requestBody, responses } = at(operation);
          const answers = Object.entries(at(responses));
          const shape = operationShape.parse({
            operationId,
            successes: Object.fromEntries(
              answers
                .filter(([status]) => status < '400')
                .map(([status, answer]) => [
                  status,
                  sorted(ofContent(answer, false).flatMap(([, names]) => names)),
                ]),
            ),
            accepts: Object.fromEntries(ofContent(requestBody, false)),
            requires: Object.fromEntries(ofContent(requestBody, true)),
          });
          return [`${method.toUpperCase()} ${path}`, shape] as const;
        }),
    ),
  );
}

/** Returns what clients of `before` miss in `after`. */
export function missing(before: WireShape, after: WireShape): string[] {
  return Object.entries(before).flatMap(([name, old]) => {
    const now = after[name];
    if (!now) return [`${name} is gone`];
    const lost = (was: readonly string[] = [], is: readonly string[] = []) =>
      was.filter((each) => !is.includes(each));
    return [
      ...(old.operationId === now.operationId ? [] : [`${name} is ${now.operationId}`]),
      ...Object.entries(old.successes).flatMap(([status, names]) =>
        now.successes[status]
          ? lost(names, now.successes[status]).map((each) => `${name} ${status}: ${each} is gone`)
          : [`${name} ${status} is gone`],
      ),
      ...Object.entries(old.accepts).flatMap(([type, names]) => [
        ...lost(names, now.accepts[type]).map((each) => `${name}: ${each} is not accepted`),
        ...lost(now.requires[type], old.requires[type]).map(
          (each) => `${name}: ${each} is required`,
        ),
      ]),
    ];
  });
}
