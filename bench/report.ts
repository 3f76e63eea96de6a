import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { BenchOptions } from './arguments.ts';
import type { Machine } from './machine.ts';
import type { NamedOutcome } from './outcome.ts';
import { ROOT } from './root.ts';

/** The results of a run. */
export interface Report {
  /** The start of the run, in ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: Machine;
  readonly options: BenchOptions;
  readonly isPinned: boolean;
  /** The share of the processor time that the host gave to other guests during the run. Linux only. */
  readonly stolen?: number | undefined;
  readonly outcomes: readonly NamedOutcome[];
}

/** Saves a report in `bench/results/`, named by its date. Returns its path relative to the repository. */
export function saveReport(report: Report): string {
  const folder = join(ROOT, 'bench/results');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${report.startedAt.slice(0, 19).replaceAll(':', '-')}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  return relative(ROOT, path);
}
