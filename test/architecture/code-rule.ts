import type { Source } from '../support/sources.ts';

/** A rule on what code may use in which files. Its samples prove that it can fail. */
export interface CodeRule {
  readonly title: string;
  /** Returns the code of each use in a source. */
  readonly find: (source: Source) => readonly string[];
  /** The allowed uses, as `file: code`. Each must exist. */
  readonly allowed: readonly string[];
  /** Code that violates the rule in `features/x/routes.ts`, or in the given file. */
  readonly caught: readonly (string | readonly [path: string, code: string])[];
  /** Code that the rule must not find in `features/x/routes.ts`. */
  readonly fine: readonly string[];
}

/** Returns the uses in the sources, as `file: code`. */
export const usesIn = (sources: readonly Source[], { find }: Pick<CodeRule, 'find'>): string[] => [
  ...new Set(sources.flatMap((source) => find(source).map((code) => `${source.path}: ${code}`))),
];
