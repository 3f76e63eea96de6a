import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ignore from '@balena/dockerignore';

/** The files that an engine would send to the builder. */
export interface BuildContext {
  readonly folder: string;
  /** Paths relative to the folder, without directories. */
  readonly files: readonly string[];
}

/** Reads the build context of a folder, without the files that its `.dockerignore` excludes. */
export function readContext(folder: string): BuildContext {
  const ignored = readIgnored(folder);
  const files: string[] = [];
  const walk = (parent: string): void => {
    for (const entry of readdirSync(join(folder, parent), { withFileTypes: true })) {
      const path = parent === '' ? entry.name : `${parent}/${entry.name}`;
      if (!entry.isDirectory()) {
        if (!ignored.isExcluded(path)) files.push(path);
      } else if (!ignored.isExcluded(path) || ignored.hasExceptionsBelow(path)) walk(path);
    }
  };
  walk('');
  return { folder, files };
}

/** The rules of a folder's `.dockerignore`. */
export function readIgnored(folder: string): {
  /** @param path relative to the folder */
  isExcluded(path: string): boolean;
  /** True if a rule that starts with `!` may include something in a directory. */
  hasExceptionsBelow(path: string): boolean;
} {
  const rules = readFileSync(join(folder, '.dockerignore'), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const matcher = ignore().add(rules);
  const exceptions = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
  return {
    isExcluded: (path) => matcher.ignores(path),
    hasExceptionsBelow: (path) =>
      exceptions.some((rule) => rule.startsWith(`${path}/`) || rule.startsWith('**')),
  };
}
