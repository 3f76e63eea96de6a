/** How a source writes times. `any` is ISO 8601, seconds or milliseconds, told apart by their form and size. */
export type TimeFormat = 'any' | 'iso' | 'seconds' | 'milliseconds';

/** The last millisecond of the year 9999. */
const MAX_TIME = 253_402_300_799_999;
/** With `any`: numbers below are no time (before 2001), from the second on they are milliseconds (since 1973). */
const MIN_SECONDS = 1e9;
const MIN_MILLISECONDS = 1e11;

const NUMBER = /^\d{1,15}(?:\.\d{1,9})?$/;
/** ISO 8601, and the forms of SQLite, PostgreSQL, MySQL and Django. */
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?: ?(Z|UTC|[+-]\d{2}(?::?\d{2})?))?)?$/i;

/**
 * Parses a time. A time without a zone is in UTC.
 *
 * @returns milliseconds since 1970; undefined if it is not exactly a time from 1970 to 9999
 */
export function parseTime(value: string | number | bigint, format: TimeFormat): number | undefined {
  const text = String(value);
  const number = NUMBER.test(text) ? Number(text) : undefined;
  const time = number === undefined ? parseIso(text, format) : parseNumber(number, format);
  return time !== undefined && time >= 0 && time <= MAX_TIME ? time : undefined;
}

function parseNumber(number: number, format: TimeFormat): number | undefined {
  switch (format) {
    case 'iso':
      return undefined;
    case 'seconds':
      return Math.floor(number * 1000);
    case 'milliseconds':
      return Math.floor(number);
    case 'any':
      if (number < MIN_SECONDS) return undefined;
      return Math.floor(number < MIN_MILLISECONDS ? number * 1000 : number);
  }
}

function parseIso(text: string, format: TimeFormat): number | undefined {
  if (format === 'seconds' || format === 'milliseconds') return undefined;
  const [match, ...parts] = ISO.exec(text) ?? [];
  if (match === undefined) return undefined;
  const [year, month, day, hour, minute, second] = parts
    .slice(0, 6)
    .map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // `Date.UTC` turns February 30 into March 1, and the year 99 into 1999.
  const isDay = date.getUTCDate() === day && date.getUTCMonth() === month - 1;
  if (!isDay || date.getUTCFullYear() !== year) return undefined;
  const offset = offsetOf(parts[7]);
  if (offset === undefined) return undefined;
  return date.getTime() + Number((parts[6] ?? '').slice(0, 3).padEnd(3, '0')) - offset;
}

/** Returns the offset from UTC in milliseconds. */
function offsetOf(zone = 'Z'): number | undefined {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  if (Number(hours) > 15 || Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
