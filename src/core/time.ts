import { BoundedMap } from './bounded-map.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 1000;
/** ECMA-262 section 21.4.1.1: a hundred million days before and after 1970. */
const MAX_TIME = 8.64e15;

/** `2026-11-23`, by the day's number since 1970. */
const days = new BoundedMap<number, string>(MAX_DAYS);

/**
 * The result of `Date.prototype.toISOString` (RFC 3339 in UTC), for milliseconds since 1970.
 * A profile has two of them, which on Bun and Deno take a tenth of a read by `Date`: so the date is
 * remembered, and the time of day is put together here.
 *
 * @throws RangeError for what is no time
 */
export function isoTime(at: number): string {
  const time = Math.trunc(at);
  if (!(Math.abs(time) <= MAX_TIME)) throw new RangeError('Invalid time value');
  const day = Math.floor(time / DAY_MS);
  const ms = time - day * DAY_MS;
  const minutes = Math.floor(ms / 60_000);
  const hour = two(Math.floor(minutes / 60));
  const second = two(Math.floor(ms / 1000) % 60);
  return `${days.get(day) ?? dateOf(day)}T${hour}:${two(minutes % 60)}:${second}.${three(ms % 1000)}Z`;
}

function dateOf(day: number): string {
  const date = new Date(day * DAY_MS).toISOString().split('T')[0] ?? '';
  days.set(day, date);
  return date;
}

const two = (n: number): string => (n < 10 ? `0${n}` : `${n}`);
const three = (n: number): string => (n < 100 ? `0${two(n)}` : `${n}`);
