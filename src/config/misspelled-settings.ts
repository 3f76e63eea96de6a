import { isGiven } from './setting.ts';
import { SETTINGS } from './settings.ts';

const NAMES = Object.keys(SETTINGS);
/** Shorter names, such as `HOST`, resemble variables of other programs, such as `HOME`. */
const MIN_LENGTH = 6;
/** From this length on, a name with two edits is still recognizable. */
const LONG_NAME = 9;
const MAX_LENGTH = 40;
const MAX_HINTS = 5;

/**
 * Finds names in a record, such as `process.env`, that are not settings but resemble one: they have the same first
 * letter and differ by one or two edits. Work and results are limited, because other programs set variables too.
 *
 * @returns one line per name, such as `RATE_LIMT_LOGIN: did you mean RATE_LIMIT_LOGIN?`, without any value
 */
export function misspelledSettings(record: Readonly<Record<string, unknown>>): readonly string[] {
  const hints: string[] = [];
  for (const [name, value] of Object.entries(record)) {
    const meant = isGiven(value) && !NAMES.includes(name) ? nearest(name) : undefined;
    if (meant === undefined) continue;
    hints.push(`${name}: did you mean ${meant}?`);
    if (hints.length === MAX_HINTS) break;
  }
  return hints;
}

function nearest(name: string): string | undefined {
  if (name.length < MIN_LENGTH || name.length > MAX_LENGTH) return undefined;
  const upper = name.toUpperCase();
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const known of NAMES) {
    const limit = known.length < LONG_NAME ? 1 : 2;
    const isPlausible =
      known.length >= MIN_LENGTH &&
      known[0] === upper[0] &&
      Math.abs(known.length - upper.length) <= limit;
    const edits = isPlausible ? editDistance(upper, known) : Number.POSITIVE_INFINITY;
    if (edits <= limit && edits < least) [best, least] = [known, edits];
  }
  return best;
}

/** The number of insertions, deletions, substitutions and swaps of neighbors that turn one text into the other. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const cost = from[i - 1] === to[j - 1] ? 0 : 1;
      const isSwap = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + cost,
        isSwap ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, to.length);
}

const at = (row: readonly number[], index: number): number =>
  row[index] ?? Number.POSITIVE_INFINITY;
