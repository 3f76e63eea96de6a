// Valid bodies with one change that makes them invalid or hostile.
import fc from 'fast-check';
import type { Schema } from './document.ts';
import { HOSTILE_NAMES, hostileValue, MARK } from './hostile.ts';
import type { Members, Tree } from './tree.ts';
import { ofLength, typesOf } from './values.ts';

/** Texts just outside a schema's bounds. */
export function justOutside({ minLength, maxLength, pattern, format }: Schema): readonly string[] {
  return [
    ...(maxLength === undefined ? [] : [ofLength(maxLength + 1)]),
    ...(minLength === undefined || minLength === 0 ? [] : [ofLength(minLength - 1)]),
    ...(pattern === undefined ? [] : ['', ' 1', '1 ', MARK]),
    ...(format === undefined ? [] : ['', 'ada@', `${MARK}@`, '@example.com', 'a b@example.com']),
  ];
}

const OTHER_TYPES: readonly (readonly [type: string, value: Tree])[] = [
  ['string', MARK],
  ['number', 5],
  ['boolean', true],
  ['null', null],
  ['array', [MARK]],
  ['object', { members: [[MARK, MARK]] }],
];

/** A value of each type that the schema does not allow. */
const ofOtherTypes = (schema: Schema): readonly Tree[] => {
  const types = typesOf(schema).map((type) => (type === 'integer' ? 'number' : type));
  return OTHER_TYPES.flatMap(([type, value]) => (types.includes(type) ? [] : [value]));
};

/** The object with one fault, or with one additional member. */
export function nearMiss(schema: Schema, whole: Members): fc.Arbitrary<Tree> {
  const { properties = {}, required = [] } = schema;
  const without = (name: string) => whole.members.filter(([other]) => other !== name);
  const set = (name: string, value: Tree): Members => ({
    members: [...without(name), [name, value]],
  });
  const wrong: Tree[] = [
    ...required.map((name) => ({ members: without(name) })),
    ...Object.entries(properties).flatMap(([name, member]) =>
      [...ofOtherTypes(member), ...justOutside(member)].map((value) => set(name, value)),
    ),
    ...whole.members.flatMap(([name, value]): Tree[] => [
      // With duplicate members, either the last one counts or the body is rejected.
      { members: [[name, 5], ...whole.members] },
      { members: [...whole.members, [name, null]] },
      { members: [...without(name), [name.toUpperCase(), value]] },
    ]),
    ...OTHER_TYPES.filter(([type]) => type !== 'object').map(([, value]) => value),
    [whole],
  ];
  const extra = fc
    .tuple(fc.constantFrom(...HOSTILE_NAMES), hostileValue)
    .map((member): Tree => ({ members: [...whole.members, member] }));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...wrong) },
    { weight: 1, arbitrary: extra },
  );
}

/** The object with hostile values for some of its members. */
export const hostileMembers = ({ properties = {} }: Schema, whole: Members): fc.Arbitrary<Tree> =>
  fc
    .subarray([...Object.keys(properties), ...HOSTILE_NAMES.slice(0, 3)], { minLength: 1 })
    .chain((names) =>
      fc
        .tuple(...names.map((name) => hostileValue.map((value): [string, Tree] => [name, value])))
        .map((members) => ({
          members: [...whole.members.filter(([name]) => !names.includes(name)), ...members],
        })),
    );
