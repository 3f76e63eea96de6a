// A value to send. It can express what JavaScript values cannot: duplicate members, the number 1e999, and values
// that are known only while the API runs.

/** A value that the run has learned, such as an id; `otherwise` if it has learned none. */
export interface Known {
  readonly known: string;
  /** Index of the value in the list of known values. */
  readonly pick: number;
  readonly otherwise: string;
}

/** An object: its members in order. Names may repeat. */
export interface Members {
  readonly members: readonly (readonly [name: string, value: Tree])[];
}

/** Literal JSON. */
export interface Raw {
  readonly raw: string;
}

export type Tree = string | number | boolean | null | Known | Members | Raw | readonly Tree[];

/** Returns a known value. */
export type Resolve = (known: Known) => string;

const isArray = (tree: Tree): tree is readonly Tree[] => Array.isArray(tree);

/** Serializes a tree as JSON. */
export function toJson(tree: Tree, resolve: Resolve): string {
  if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree);
  if (isArray(tree)) return `[${tree.map((item) => toJson(item, resolve)).join(',')}]`;
  if ('raw' in tree) return tree.raw;
  if ('known' in tree) return JSON.stringify(resolve(tree));
  return `{${tree.members
    .map(([name, value]) => `${JSON.stringify(name)}:${toJson(value, resolve)}`)
    .join(',')}}`;
}

/** Serializes a tree as a form, with strings unchanged and other values as JSON. */
export function toForm(tree: Tree, resolve: Resolve): string {
  if (typeof tree !== 'object' || tree === null || !('members' in tree)) {
    return toJson(tree, resolve);
  }
  const pairs = tree.members.map(([name, value]) => [name, toText(value, resolve)]);
  return new URLSearchParams(pairs).toString();
}

export function toText(tree: Tree, resolve: Resolve): string {
  if (typeof tree === 'string') return tree;
  const isKnown = typeof tree === 'object' && tree !== null && 'known' in tree;
  return isKnown ? resolve(tree) : toJson(tree, resolve);
}

/** Shows the name of a known value, so that no password or token is printed. */
export const placeholder: Resolve = ({ known, pick }) => `⟦${known} ${pick}⟧`;
