import { CommandError } from '../../core/errors.ts';

/** A column that a kind of source reads. */
export interface Column {
  /** Its possible names, in order of preference. Matched exactly first, then ignoring case. */
  readonly names: readonly string[];
  /** If false, the source may lack it: it is then null. */
  readonly isRequired: boolean;
}

export const required = (...names: readonly string[]): Column => ({ names, isRequired: true });
export const optional = (...names: readonly string[]): Column => ({ names, isRequired: false });

const MAX_NAMED = 40;

/**
 * Finds a column among the names that a source has.
 *
 * @param owner what has the columns, for errors: `the table "users"`
 * @returns its position; undefined if there is none and it is optional
 * @throws CommandError that lists the columns that there are
 */
export function findColumn(
  { names, isRequired }: Column,
  available: readonly string[],
  owner: string,
): number | undefined {
  for (const name of names) {
    const exact = positionsOf(available, (other) => other === name);
    const matches =
      exact.length > 0
        ? exact
        : positionsOf(available, (other) => other.toLowerCase() === name.toLowerCase());
    if (matches.length > 1)
      throw new CommandError(`${owner} has more than one column ${quoted(name)}.`);
    if (matches.length === 1) return matches[0];
  }
  if (!isRequired) return undefined;
  const wanted = names.map(quoted).join(' or ');
  throw new CommandError(`${owner} has no column ${wanted}. It has: ${listOf(available)}.`);
}

/** Finds all columns of a shape, in their order. */
export const findColumns = (
  columns: Readonly<Record<string, Column>>,
  available: readonly string[],
  owner: string,
): (number | undefined)[] =>
  Object.values(columns).map((column) => findColumn(column, available, owner));

/** Lists names for an error. Removes what a terminal could execute. */
export function listOf(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, MAX_NAMED).map((name) => shorten(name.replaceAll(/\p{C}/gu, '?')));
  return shown.join(', ') + (names.length > MAX_NAMED ? ', …' : '');
}

const MAX_NAME = 80;
const shorten = (name: string): string =>
  name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;

const quoted = (name: string): string => `"${name}"`;

function positionsOf(names: readonly string[], matches: (name: string) => boolean): number[] {
  return [...names.entries()].flatMap(([index, name]) => (matches(name) ? [index] : []));
}
