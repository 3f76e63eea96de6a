import type { LinkAction } from '../../config/message-kinds.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long codes are valid, and links by their action, in milliseconds. Messages state it. */
export const LIFETIME_MS = {
  code: 15 * MINUTE_MS,
  verify: 24 * HOUR_MS,
  reset: HOUR_MS,
  login: HOUR_MS,
  change: HOUR_MS,
  undo: 72 * HOUR_MS,
  /** A link of the action `reset` for an account that an administrator has created. */
  invite: 7 * DAY_MS,
} as const satisfies Record<LinkAction | 'code' | 'invite', number>;

/** Words for a time, in which `{count}` stands for the number. */
export interface TimeWords {
  readonly minutes: string;
  readonly hours: string;
  readonly days: string;
}

/** Writes a lifetime out: up to one hour in minutes, such as "60 minutes", up to three days in hours, above in days. */
export function timeOf(lifetimeMs: number, words: TimeWords): string {
  if (lifetimeMs > 3 * DAY_MS) return fill(words.days, lifetimeMs / DAY_MS);
  return lifetimeMs > HOUR_MS
    ? fill(words.hours, lifetimeMs / HOUR_MS)
    : fill(words.minutes, lifetimeMs / MINUTE_MS);
}

const fill = (text: string, count: number): string => text.replace('{count}', String(count));
