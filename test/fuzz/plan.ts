// Generates a request from a seed and an index.
import fc from 'fast-check';
import type { Operation, Parameter } from './document.ts';
import { type Encoding, encodingNames } from './encoding.ts';
import { type Header, hostileHeader, hostileText, MARK, oddMethod, twist } from './hostile.ts';
import { hostileMembers, justOutside, nearMiss } from './near-misses.ts';
import type { Tree } from './tree.ts';
import { fromSchema, membersOf, type Pick, typesOf } from './values.ts';

export const KINDS = ['valid', 'nearly valid', 'hostile'] as const;
export type Kind = (typeof KINDS)[number];

/** Whose token the request carries. */
export type Credential = 'first' | 'second' | 'ended' | 'none';

export interface Body {
  /** Its `Content-Type`. */
  readonly type: string;
  readonly tree: Tree;
  readonly encoding: Encoding;
}

/** A request whose ids, tokens and other known values are filled in when it is sent. */
export interface Plan {
  readonly kind: Kind;
  readonly operation: Operation;
  readonly method: string;
  readonly credential: Credential;
  readonly parameters: readonly (readonly [parameter: Parameter, value: Tree])[];
  /** Changes the path. */
  readonly twist?: (path: string) => string;
  readonly headers: readonly Header[];
  readonly body?: Body;
}

const WRONG_TYPES = [
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/json-patch+json',
  'application/x-www-form-urlencoded',
  'application/json',
  MARK,
] as const;

const TYPE_PARAMETERS = [
  '',
  '',
  '; charset=utf-8',
  '; charset=utf-16',
  ';',
  `; x=${MARK}`,
] as const;

/** Returns the same plan for the same arguments, independently of earlier requests. */
export function planAt(operations: readonly Operation[], seed: number, index: number): Plan {
  const operation = operations[index % operations.length];
  const kind = KINDS[Math.floor(index / operations.length) % KINDS.length];
  if (!operation || !kind) throw new Error('The document has no operation');
  // Each request has a seed of its own, so it can be generated without the requests before it.
  const own = (Math.imul(seed ^ index, 0x9e3779b1) ^ (seed + Math.imul(index, 0x85ebca6b))) | 0;
  const [plan] = fc.sample(planOf(operation, kind), { seed: own, numRuns: 1 });
  if (!plan) throw new Error('No plan was made');
  return plan;
}

/** Requests of one kind to an operation. */
export const planOf = (operation: Operation, kind: Kind): fc.Arbitrary<Plan> =>
  pickOf(kind).chain((pick) =>
    fc
      .record({
        kind: fc.constant(kind),
        operation: fc.constant(operation),
        method: methodOf(operation, kind),
        credential: credentialOf(operation, kind),
        parameters: parametersOf(operation, kind, pick),
        twist: sometimes(kind === 'hostile' ? 3 : 0, twist),
        headers: fc.array(hostileHeader, { maxLength: kind === 'hostile' ? 3 : 0 }),
        body: bodyOf(operation, kind, pick),
      })
      .map(({ twist, body, ...plan }) => ({
        ...plan,
        ...(twist && { twist }),
        ...(body && { body }),
      })),
  );

/** Valid requests use either mostly known values, as a login does, or only new ones, as a signup does. */
const pickOf = (kind: Kind): fc.Arbitrary<Pick> =>
  fc.record({
    index: fc.nat(11),
    weight: kind === 'valid' ? fc.constantFrom(0, 40) : fc.constant(3),
  });

/** A value in `often` of ten cases, otherwise `undefined`. */
const sometimes = <T>(often: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: often, arbitrary }, { weight: 10 - often, arbitrary: fc.constant(undefined) });

const methodOf = ({ method }: Operation, kind: Kind): fc.Arbitrary<string> =>
  sometimes(kind === 'hostile' ? 2 : 0, oddMethod).map((odd) => odd ?? method);

function credentialOf({ isProtected }: Operation, kind: Kind): fc.Arbitrary<Credential> {
  const [own, other] = isProtected && kind === 'valid' ? [9, 1] : [6, 2];
  return fc.oneof(
    { weight: own, arbitrary: fc.constant<Credential>('first') },
    { weight: other, arbitrary: fc.constantFrom<Credential>('second', 'ended', 'none') },
  );
}

function parametersOf({ parameters, path }: Operation, kind: Kind, pick: Pick) {
  const chosen = parameters.map((parameter) => {
    const value = parameterValue(parameter, kind, path, pick);
    const given = value.map((tree): (readonly [Parameter, Tree])[] => [[parameter, tree]]);
    return parameter.required ? given : fc.oneof(given, fc.constant([]));
  });
  return fc.tuple(...chosen).map((some) => some.flat());
}

function parameterValue(
  { schema, name, in: place }: Parameter,
  kind: Kind,
  path: string,
  pick: Pick,
): fc.Arbitrary<Tree> {
  const right = fromSchema(schema, knownName(name, place, path), pick);
  const text = place === 'header' ? hostileText.map(toHeader) : hostileText;
  if (kind === 'hostile') return fc.oneof(right, text);
  const outside = justOutside(schema);
  const isText = typesOf(schema).includes('string');
  if (kind === 'valid' || !isText || outside.length === 0) {
    return right.map((tree) =>
      typeof tree === 'string' && place === 'header' ? toHeader(tree) : tree,
    );
  }
  return fc.oneof(right, fc.constantFrom(...outside).map(place === 'header' ? toHeader : String));
}

/** Prefixes the name of a path parameter with the collection before it, as in `sessions.id`. */
function knownName(name: string, place: string, path: string): string {
  const collection = /([\w-]+)\/\{/.exec(path)?.[1];
  return place === 'path' && collection ? `${collection}.${name}` : name;
}

/** Removes what a header value cannot contain, and truncates it. */
export const toHeader = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '').slice(0, 5000);

function bodyOf(operation: Operation, kind: Kind, pick: Pick): fc.Arbitrary<Body | undefined> {
  const bodies = [...operation.bodies];
  if (bodies.length === 0) {
    const stray = fc.record({
      type: fc.constantFrom('application/json', ...WRONG_TYPES),
      tree: fc.constant(MARK),
      encoding: fc.constantFrom(...encodingNames),
    });
    return operation.method === 'GET'
      ? fc.constant(undefined)
      : sometimes(kind === 'valid' ? 0 : 3, stray);
  }
  const other = kind === 'valid' ? 0 : 1;
  return fc.constantFrom(...bodies).chain(([mediaType, schema]) =>
    fc.record({
      type: sometimes(other, fc.constantFrom(...WRONG_TYPES)).chain((wrong) =>
        fc.constantFrom(...TYPE_PARAMETERS).map((parameters) => wrong ?? mediaType + parameters),
      ),
      tree: membersOf(schema, pick).chain((whole): fc.Arbitrary<Tree> => {
        if (kind === 'valid') return fc.constant(whole);
        return kind === 'hostile' ? hostileMembers(schema, whole) : nearMiss(schema, whole);
      }),
      encoding: sometimes(other * 2, fc.constantFrom(...encodingNames)).map((e) => e ?? 'UTF-8'),
    }),
  );
}
