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

/** The key of the column by which accounts are ordered and joined. */
export const ID_KEY = 'id';

const MAX_NAMED = 40;

/**
 * Finds a column among the names that a source has.
 *
 * @param owner what has the columns, for errors: `the table "users"`
 * @returns its position; undefined if there is none and it is optional
 * @throws CommandError that lists the columns that there are
 */
export function findColumn(
  column: Column,
  available: readonly string[],
  owner: string,
): number | undefined {
  const found = match(column, available);
  if (typeof found === 'number') return found;
  const wanted = column.names.map((name) => `"${name}"`).join(' or ');
  if (found === 'many')
    throw new CommandError(`${owner} has more than one column ${wanted}, ignoring case.`);
  if (!column.isRequired) return undefined;
  throw new CommandError(`${owner} has no column ${wanted}. It has: ${listOf(available)}.`);
}

/** Finds all columns of a shape, in their order. */
export const findColumns = (
  columns: Readonly<Record<string, Column>>,
  available: readonly string[],
  owner: string,
): (number | undefined)[] =>
  Object.values(columns).map((column) => findColumn(column, available, owner));

/**
 * Finds all columns of a shape in one row, in their order. A column that is not there is null, except for the id. That
 * one, and a column that is there more than once, are undefined.
 */
export const positionsOf = (
  columns: Readonly<Record<string, Column>>,
  available: readonly string[],
): (number | null | undefined)[] =>
  Object.entries(columns).map(([key, column]) => {
    const found = match(column, available);
    if (typeof found === 'number') return found;
    return key === ID_KEY || found === 'many' ? undefined : null;
  });

function match({ names }: Column, available: readonly string[]): number | 'none' | 'many' {
  for (const name of names) {
    const lower = name.toLowerCase();
    const exact = indexesOf(available, (other) => other === name);
    const [first, second] =
      exact.length > 0 ? exact : indexesOf(available, (other) => other.toLowerCase() === lower);
    if (second !== undefined) return 'many';
    if (first !== undefined) return first;
  }
  return 'none';
}

const indexesOf = (names: readonly string[], matches: (name: string) => boolean): number[] =>
  [...names.keys()].filter((index) => matches(names[index] ?? ''));

/** Lists names for an error. Removes what a terminal could execute. */
export function listOf(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, MAX_NAMED).map((name) => shorten(name.replaceAll(/\p{C}/gu, '?')));
  return shown.join(', ') + (names.length > MAX_NAMED ? ', …' : '');
}

const MAX_NAME = 80;
const shorten = (name: string): string =>
  name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
