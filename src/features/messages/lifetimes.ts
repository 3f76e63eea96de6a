import type { LinkAction } from '../../config/message-kinds.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long codes are valid, and links by their action, in milliseconds. Messages state it. */
export const LIFETIME_MS = {
  code: 15 * MINUTE_MS,
  verify: 24 * HOUR_MS,
  reset: HOUR_MS,
  login: HOUR_MS,
  change: HOUR_MS,
  undo: 72 * HOUR_MS,
} as const satisfies Record<LinkAction | 'code', number>;

/** Words for a time, in which `{count}` stands for the number. */
export interface TimeWords {
  readonly minutes: string;
  readonly hours: string;
}

/** Writes a lifetime out: up to one hour in minutes, such as "60 minutes", above in hours. */
export function timeOf(lifetimeMs: number, words: TimeWords): string {
  const [unit, text] = lifetimeMs > HOUR_MS ? [HOUR_MS, words.hours] : [MINUTE_MS, words.minutes];
  return text.replace('{count}', String(lifetimeMs / unit));
}
