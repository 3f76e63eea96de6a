import { resolve } from 'node:path';
import type { Config } from '../../../config/config.ts';
import { eventsAt } from '../../../features/audit/event.ts';
import { type Ending, runImport, SourceFailure } from '../../../features/imports/run.ts';
import type { AccountSource } from '../../../features/imports/source.ts';
import { createTally } from '../../../features/imports/tally.ts';
import { createDraftFile, createOutput } from '../../ports/output.ts';
import { openSource } from '../../sources/open.ts';
import { createProgress } from '../progress.ts';
import { callerOfProgram, operatorName } from '../users/operator.ts';
import { type Interruption, listenForInterruption } from './interruption.ts';
import type { ImportOptions } from './options.ts';
import { createJsonReport, createTextReport, type Report, type Summary } from './report.ts';
import { readResolutions } from './resolve-file.ts';
import { openSourceIndex } from './source-index.ts';
import { type OpenTarget, openTarget } from './target.ts';

const CLASH_EXIT_CODE = 3;
/** Accounts that are listed on standard output. */
const LISTED = 20;

type Settings = Pick<Config, 'databaseUrl' | 'databaseAuthToken' | 'defaultPhoneRegion'>;

/** Imports accounts, and sets the exit code. */
export async function run(options: ImportOptions, settings: Settings): Promise<void> {
  const interruption = listenForInterruption();
  const resolutions = readResolutions(options.resolve);
  const reports = reportsOf(options);
  const source = await openSource(options.kind, options.from, { map: options.map });
  try {
    const target = await openTarget(options, settings);
    try {
      await importAll({ options, settings, interruption, resolutions, reports, source, target });
    } finally {
      target.close();
    }
  } finally {
    await source.close();
    interruption.release();
  }
}

interface Parts {
  readonly options: ImportOptions;
  readonly settings: Settings;
  readonly interruption: Interruption;
  readonly resolutions: ReturnType<typeof readResolutions>;
  readonly reports: readonly Report[];
  readonly source: AccountSource;
  readonly target: OpenTarget;
}

async function importAll(parts: Parts): Promise<void> {
  const { options, settings, interruption, resolutions, reports, source, target } = parts;
  const tally = createTally();
  const index = openSourceIndex();
  const startedAt = performance.now();
  const progress = createProgress({
    ...{ stream: process.stderr, total: source.total },
    clock: () => performance.now(),
  });
  const summaryOf = (ending: Summary['ending'], isSourceBroken = false): Summary => ({
    ...{ kind: options.kind, source: options.source, isDryRun: options.dryRun, ending },
    isForFiles: options.d1 !== undefined,
    isSourceBroken,
    tally: tally.result(),
    unusedDecisions: ending === 'done' ? resolutions.unused() : undefined,
    seconds: (performance.now() - startedAt) / 1000,
  });
  try {
    const ending = await runImport({
      ...{ source, target: target.store, index, resolutions, tally },
      check: {
        ...{ region: settings.defaultPhoneRegion, now: Date.now(), keepsIds: options.keepIds },
        isForWorkers: options.d1 !== undefined,
      },
      isDryRun: options.dryRun,
      skipsClashes: options.skipClashes,
      isStopped: () => interruption.isRequested,
      onProgress: (done) => progress.update(done, tally.result().read),
      onRejected: (account) => inEach(reports, (report) => report.rejected(account)),
    });
    progress.clear();
    const summary = summaryOf(ending);
    if (!options.dryRun) await record(target, summary, options);
    const next = ending === 'done' ? target.complete() : undefined;
    await inEach(reports, (report) => report.finish(summary));
    if (next !== undefined) console.error(next);
    process.exitCode = exitCodeOf(ending, summary, interruption);
  } catch (error) {
    progress.clear();
    // The report says how far the run has come; the caller explains the error.
    const isSourceBroken = error instanceof SourceFailure;
    const summary = summaryOf('failed', isSourceBroken);
    await Promise.allSettled([
      ...(options.dryRun ? [] : [record(target, summary, options)]),
      inEach(reports, (report) => report.finish(summary)),
    ]);
    throw isSourceBroken ? error.cause : error;
  } finally {
    index.close();
  }
}

function exitCodeOf(ending: Ending, { tally }: Summary, { exitCode }: Interruption): number {
  if (ending === 'interrupted') return exitCode;
  return ending === 'clash' || tally.undecided > 0 ? CLASH_EXIT_CODE : 0;
}

function reportsOf({ asJson, report }: ImportOptions): readonly Report[] {
  const output = createOutput();
  const rest = report === undefined ? '--report FILE lists them.' : `they are in ${report}.`;
  const own = asJson ? createJsonReport(output) : createTextReport(output, { limit: LISTED, rest });
  if (report === undefined) return [own];
  const file = createDraftFile(resolve(report), { hint: 'A report does not replace files.' });
  const whole = { limit: Number.POSITIVE_INFINITY, rest: '' };
  return [own, report.endsWith('.json') ? createJsonReport(file) : createTextReport(file, whole)];
}

async function inEach(
  reports: readonly Report[],
  action: (report: Report) => Promise<void>,
): Promise<void> {
  for (const report of reports) await action(report);
}

/** Records the run in the audit log. */
async function record(
  { store }: OpenTarget,
  { kind, source, ending, tally }: Summary,
  { operator = operatorName() }: ImportOptions,
): Promise<void> {
  const { imported, alreadyImported, skipped } = tally;
  await store.record(
    eventsAt(Date.now)(callerOfProgram(), null, 'accounts_import', {
      detail: {
        ...{ kind, source, imported, already_imported: alreadyImported, skipped },
        ...{ ended: ending, operator },
      },
    }),
  );
}
