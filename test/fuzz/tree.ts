// A value to send, as it will stand in the body: with what JavaScript's own values cannot say, such as a
// member that is there twice, the number 1e999, and something that only the running API can tell.

/** What the run has learned by then, such as an id; `otherwise` where it has learned none. */
export interface Known {
  readonly known: string;
  /** Which one of those that are known. */
  readonly pick: number;
  readonly otherwise: string;
}

/** An object: its members in order, of whatever names. */
export interface Members {
  readonly members: readonly (readonly [name: string, value: Tree])[];
}

/** JSON as it stands. */
export interface Raw {
  readonly raw: string;
}

export type Tree = string | number | boolean | null | Known | Members | Raw | readonly Tree[];

/** Gives what is known by a name. */
export type Resolve = (known: Known) => string;

const isArray = (tree: Tree): tree is readonly Tree[] => Array.isArray(tree);

/** The JSON of a tree. */
export function toJson(tree: Tree, resolve: Resolve): string {
  if (typeof tree !== 'object' || tree === null) return JSON.stringify(tree);
  if (isArray(tree)) return `[${tree.map((item) => toJson(item, resolve)).join(',')}]`;
  if ('raw' in tree) return tree.raw;
  if ('known' in tree) return JSON.stringify(resolve(tree));
  return `{${tree.members
    .map(([name, value]) => `${JSON.stringify(name)}:${toJson(value, resolve)}`)
    .join(',')}}`;
}

/** The same as a form: texts as they are, anything else as its JSON. */
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

/** Stands for what is known, where a request is shown: so no password and no token is printed. */
export const placeholder: Resolve = ({ known, pick }) => `⟦${known} ${pick}⟧`;
