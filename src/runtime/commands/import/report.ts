import { printable, printableJson } from '../../../core/text.ts';
import type { Ending } from '../../../features/imports/run.ts';
import type { Rejected, Tally } from '../../../features/imports/tally.ts';
import type { Sink } from '../../ports/output.ts';

/** How a run has ended. */
export interface Summary {
  readonly kind: string;
  /** The name of the source in the table `imports`. */
  readonly source: string;
  readonly isDryRun: boolean;
  /** True for files that D1 applies later: nothing is written unless the run is done. */
  readonly isForFiles: boolean;
  readonly ending: Ending | 'failed';
  /** True if the source has failed, so that another run fails as well. */
  readonly isSourceBroken: boolean;
  readonly tally: Tally;
  /** Names in the file of decisions that the source does not have. Undefined if it was not read to its end. */
  readonly unusedDecisions: readonly string[] | undefined;
  readonly seconds: number;
}

/** A report of a run, written while it runs. */
export interface Report {
  rejected(account: Rejected): Promise<void>;
  finish(summary: Summary): Promise<void>;
}

const MAX_UNUSED = 20;

/** @param options.limit accounts that are listed; the rest is counted */
export function createTextReport(
  sink: Sink,
  { limit, rest }: { readonly limit: number; readonly rest: string },
): Report {
  let listed = 0;
  let left = 0;
  return {
    async rejected(account) {
      if (listed === limit) {
        left++;
        return;
      }
      listed++;
      await sink.write(`${linesOf(account).join('\n')}\n`);
    },
    async finish(summary) {
      if (left > 0) await sink.write(`And ${left} more: ${rest}\n`);
      await sink.write(`${listed > 0 ? '\n' : ''}${pageOf(summary).join('\n')}\n`);
      await sink.end();
    },
  };
}

/** One JSON value: first the accounts that are not imported, then the rest. */
export function createJsonReport(sink: Sink): Report {
  let isBegun = false;
  const begin = () => {
    const text = isBegun ? ',\n' : '{"accounts":[\n';
    isBegun = true;
    return text;
  };
  return {
    async rejected(account) {
      await sink.write(begin() + printableJson(JSON.stringify(viewOf(account))));
    },
    async finish(summary) {
      const members = JSON.stringify(summaryView(summary), null, 2).slice(1);
      await sink.write(`${isBegun ? '' : begin()}\n],${printableJson(members)}\n`);
      await sink.end();
    },
  };
}

function linesOf({ place, id, outcome, clashes }: Rejected): string[] {
  const where = id === '' ? place : `${place}, id ${id}`;
  const end = outcome === 'skipped' ? ' (skipped)' : '';
  const reasons = clashes.map(({ code, message, value }) => {
    const shown = value === undefined ? '' : ` [${value}]`;
    return `${code}: ${message}${shown}`;
  });
  if (reasons.length === 0) reasons.push('Left out, as decided.');
  return reasons.map((reason) => printable(`${where}: ${reason}${end}`));
}

const ENDINGS = {
  done: 'done',
  clash: 'stopped at a clash',
  interrupted: 'interrupted',
  failed: 'failed',
} as const satisfies Readonly<Record<Summary['ending'], string>>;

/** What an operator should know who starts the run again. */
function consequenceOf({ isDryRun, isForFiles, isSourceBroken, ending }: Summary): string {
  if (ending === 'done' || isDryRun) return '';
  if (isForFiles) return '; no file is written';
  if (isSourceBroken) return '; what comes before is imported; repair the source, then start again';
  // A clash that comes about while a batch is stored does not keep the rest of the batch back.
  const isStored = ending === 'clash' ? '; no account that is listed is stored' : '';
  return `${isStored}; started again, it goes on`;
}

function pageOf(summary: Summary): string[] {
  const { kind, source, isDryRun, ending, tally, unusedDecisions, seconds } = summary;
  const of = kind === source ? kind : `${kind} (${source})`;
  const end = ENDINGS[ending] + consequenceOf(summary);
  const counts: [string, number][] = [
    ['read', tally.read],
    [isDryRun ? 'to import' : 'imported', tally.imported],
    ['already imported', tally.alreadyImported],
    ['skipped', tally.skipped],
    ['undecided', tally.undecided],
    ['without a password', tally.withoutPassword],
  ];
  const clashes = Object.entries(tally.clashes).toSorted();
  const unused = unusedDecisions ?? [];
  return [
    `Import of ${of}${isDryRun ? ', dry run: nothing was written' : ''}: ${end}`,
    ...counts.map(([name, count]) => `  ${name.padEnd(20)} ${count}`),
    ...(clashes.length > 0 ? ['Clashes:'] : []),
    ...clashes.map(([code, count]) => `  ${code.padEnd(20)} ${count}`),
    ...(unused.length > 0 ? [`Decisions that no account has needed: ${unusedWords(unused)}`] : []),
    `${seconds.toFixed(1)} seconds, ${Math.round(tally.read / Math.max(seconds, 0.001))} accounts a second.`,
  ];
}

function unusedWords(unused: readonly string[]): string {
  const named = unused.slice(0, MAX_UNUSED).join(', ');
  return printable(unused.length > MAX_UNUSED ? `${named}, … (${unused.length})` : named);
}

const viewOf = ({ clashes, ...account }: Rejected) => ({
  ...account,
  clashes: clashes.map(({ code, field, message, value, otherId, otherPlace, userId }) => ({
    ...{ code, field, message, value },
    ...{ other_id: otherId, other_place: otherPlace, user_id: userId },
  })),
});

const summaryView = ({ kind, source, isDryRun, ending, tally, ...rest }: Summary) => ({
  kind,
  source,
  dry_run: isDryRun,
  ended: ending,
  counts: {
    read: tally.read,
    [isDryRun ? 'to_import' : 'imported']: tally.imported,
    already_imported: tally.alreadyImported,
    skipped: tally.skipped,
    undecided: tally.undecided,
    without_password: tally.withoutPassword,
    clashes: tally.clashes,
  },
  unused_decisions: rest.unusedDecisions ?? null,
  seconds: Math.round(rest.seconds * 1000) / 1000,
});
