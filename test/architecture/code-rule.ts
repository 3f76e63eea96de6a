import type { Source } from '../support/sources.ts';

/** A rule about what code may use where. Its samples prove that it can fail. */
export interface CodeRule {
  readonly title: string;
  /** Finds each use in a source, as code. */
  readonly find: (source: Source) => readonly string[];
  /** The uses that are right, as `file: code`. Each must exist. */
  readonly allowed: readonly string[];
  /** Code that breaks the rule in `features/x/routes.ts`, or in the file that is given. */
  readonly caught: readonly (string | readonly [path: string, code: string])[];
  /** Code that the rule must not find in `features/x/routes.ts`. */
  readonly fine: readonly string[];
}

/** The uses in the sources, as `file: code`. */
export const usesIn = (sources: readonly Source[], { find }: Pick<CodeRule, 'find'>): string[] => [
  ...new Set(sources.flatMap((source) => find(source).map((code) => `${source.path}: ${code}`))),
];
