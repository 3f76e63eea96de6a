import { BoundedMap } from './bounded-map.ts';

const DAY_MS = 86_400_000;
const MAX_DATES = 1000;
/** The largest time that a `Date` can represent, 100 million days before or after 1970 (ECMA-262 section 21.4.1.1). */
const MAX_TIME = 8.64e15;

/** Formatted dates such as `2026-11-23`, by days since 1970. */
const dates = new BoundedMap<number, string>(MAX_DATES);

/**
 * Returns the same text as `Date.prototype.toISOString` (RFC 3339 in UTC). A profile contains two times. On Bun and
 * Deno, formatting them with `Date` takes a tenth of the time of a read. So dates are cached, and only the time of day
 * is computed.
 *
 * @param at milliseconds since 1970
 * @throws RangeError if `at` is not a valid time
 */
export function isoTime(at: number): string {
  const time = Math.trunc(at);
  if (!(Math.abs(time) <= MAX_TIME)) throw new RangeError('Invalid time value');
  const day = Math.floor(time / DAY_MS);
  const ms = time - day * DAY_MS;
  const minutes = Math.floor(ms / 60_000);
  const hour = pad2(Math.floor(minutes / 60));
  const second = pad2(Math.floor(ms / 1000) % 60);
  return `${dates.get(day) ?? dateOf(day)}T${hour}:${pad2(minutes % 60)}:${second}.${pad3(ms % 1000)}Z`;
}

/** The same for a time that may be unknown. */
export const isoTimeOrNull = (at: number | null): string | null =>
  at === null ? null : isoTime(at);

function dateOf(day: number): string {
  const date = new Date(day * DAY_MS).toISOString().split('T')[0] ?? '';
  dates.set(day, date);
  return date;
}

const pad2 = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
const pad3 = (n: number): string => (n < 100 ? `0${pad2(n)}` : `${n}`);
