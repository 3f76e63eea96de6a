import { statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Import, ROOT, type Source } from '../support/sources.ts';

/** Returns each import that violates a rule, as `file -> import`. */
export const offences = (
  of: readonly Source[],
  isOffence: (from: string, source: Source) => boolean,
): string[] =>
  of.flatMap((source) =>
    source.imports
      .map(({ from }) => from ?? '(computed)')
      .filter((from) => isOffence(from, source))
      .map((from) => `${source.path} -> ${from}`),
  );

/** The layers, lowest first. A path without its extension counts too, because the compiler resolves it. */
const LAYERS = [/^core\//, /^config\//, /^features\//, /^[^/]+$/, /^runtime\//];
/** The index of a path's layer; -1 if it has none. */
export const layerOf = (path: string): number => LAYERS.findIndex((layer) => layer.test(path));
const pathOf = (from: string): string => relative('src', from);
const pathsOf = ({ imports }: Source): string[] => imports.map(({ from = '' }) => pathOf(from));
/** The folder of a file to which the rule on folders applies, such as `features/sessions` or `core/http`. */
const folderOf = (path: string): string =>
  /^(core|features|runtime)\//.test(path)
    ? path.split('/').slice(0, -1).slice(0, 2).join('/')
    : dirname(path);

/** Returns every import cycle, including imports of types. */
export function circles(of: readonly Source[]): string[][] {
  const imports = new Map(of.map((source) => [source.path, pathsOf(source)]));
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push(trail.slice(at));
    if (at >= 0 || done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of of) visit(path, []);
  return found;
}

/** Returns imports from a higher layer. The client belongs to no layer. */
export const climbs = (of: readonly Source[]): string[] =>
  offences(of, (imported, { path }) => {
    const [from, to] = [layerOf(path), layerOf(pathOf(imported))];
    return from >= 0 && to > from;
  });

/** Returns pairs of folders that import each other. */
export function mutualFolders(of: readonly Source[]): string[] {
  const isOwn = ({ from }: Import) => from?.startsWith('src/');
  const arrows = new Set(
    of.flatMap(({ path, imports }) =>
      imports.filter(isOwn).map(({ from = '' }) => `${folderOf(path)} ${folderOf(pathOf(from))}`),
    ),
  );
  return [...arrows].filter((arrow) => {
    const [a = '', b = ''] = arrow.split(' ');
    return a < b && arrows.has(`${b} ${a}`);
  });
}

/** Returns imports whose target these rules cannot check: computed ones, URLs, aliases, and the package's own name. */
export const hiddenImports = (of: readonly Source[]): string[] =>
  offences(of, (from) =>
    /^(\(computed\)$|[/#\\]|latchkey(\/|$)|(?!node:|bun:|cloudflare:)[a-z]+:)/i.test(from),
  );

/** Returns imports of our own files that do not spell the file's exact path. The compiler resolves them anyway. */
export const inexactImports = (of: readonly Source[]): string[] =>
  offences(
    of,
    (from) =>
      /^(\.\.\/|src(\/|$))/.test(from) &&
      !statSync(join(ROOT, from), { throwIfNoEntry: false })?.isFile(),
  );
