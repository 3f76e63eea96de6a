import { statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Import, ROOT, type Source } from '../support/sources.ts';

/** Each import that breaks a rule, as `file -> import`. */
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

/** A file without its ending counts too, since the compiler finds it. */
const STOREYS = [/^core\//, /^config\//, /^features\//, /^[^/]+$/, /^runtime\//];
/** The number of a path's storey; -1 if it has none. */
export const storeyOf = (path: string): number => STOREYS.findIndex((storey) => storey.test(path));
const pathOf = (from: string): string => relative('src', from);
const pathsOf = ({ imports }: Source): string[] => imports.map(({ from = '' }) => pathOf(from));
/** A file's folder, as the imports between folders are seen: `features/sessions`, `core/http`. */
const folderOf = (path: string): string =>
  /^(core|features|runtime)\//.test(path)
    ? path.split('/').slice(0, -1).slice(0, 2).join('/')
    : dirname(path);

/** Every circle of files that import each other, the imports of types included. */
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

/** Imports of a higher storey. The client is no storey: it stands alone. */
export const climbs = (of: readonly Source[]): string[] =>
  offences(of, (imported, { path }) => {
    const [from, to] = [storeyOf(path), storeyOf(pathOf(imported))];
    return from >= 0 && to > from;
  });

/** Pairs of folders of which each imports the other. */
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

/** Imports whose target these rules do not see: computed ones, addresses, aliases, and the package by its own name. */
export const hiddenImports = (of: readonly Source[]): string[] =>
  offences(of, (from) =>
    /^(\(computed\)$|[/#\\]|latchkey(\/|$)|(?!node:|bun:|cloudflare:)[a-z]+:)/i.test(from),
  );

/** Imports of our own files under another name than that of the file, which the compiler resolves all the same. */
export const inexactImports = (of: readonly Source[]): string[] =>
  offences(
    of,
    (from) =>
      /^(\.\.\/|src(\/|$))/.test(from) &&
      !statSync(join(ROOT, from), { throwIfNoEntry: false })?.isFile(),
  );
