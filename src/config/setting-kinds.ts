import { z } from 'zod';
import type { Quota } from '../core/quota.ts';

/** Decimal digits and nothing else. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max,
      `must be a whole number from ${min} to ${max}`,
    )
    .transform(Number);

export const flag = z
  .enum(['true', 'false', '1', '0'], 'must be true or false')
  .transform((text) => text === 'true' || text === '1');

export const onOrOff = z.enum(['on', 'off'], 'must be on or off');

const isWebOrigin = (text: string): boolean =>
  /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;

/** Exact origins, separated by commas. */
export const origins = z
  .string()
  .transform((text) => text.split(',').flatMap((origin) => origin.trim() || []))
  .refine(
    (list) => list.every(isWebOrigin),
    'must be exact origins such as https://app.example.com, separated by commas: no *, no path',
  );

/** RFC 7519 section 2: a StringOrURI; ours without spaces, so that no typing error hides in it. */
export const tokenName = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters without spaces');

const RATE_LIMIT = /^([1-9]\d{0,6})\/([1-9]\d{0,4})(s|m|h)$/;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const MAX_WINDOW_SECONDS = 86_400;

/** `COUNT/WINDOW`, or `off`: null. */
export const rateLimit = z.string().transform((text, context): Quota | null => {
  if (text === 'off') return null;
  const [, count = '', length = '', unit = ''] = RATE_LIMIT.exec(text) ?? [];
  const seconds = Number(length) * (UNIT_SECONDS[unit] ?? 0);
  if (seconds > 0 && seconds <= MAX_WINDOW_SECONDS) return { count: Number(count), seconds };
  context.addIssue('must be COUNT/WINDOW such as 10/60s, 30/1h (a day at most), or off');
  return z.NEVER;
});

const THIS_MACHINE = ['localhost', '127.0.0.1', '[::1]'];

function isRangeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, origin, pathname } = new URL(text);
  const isPrivate =
    protocol === 'https:' || (protocol === 'http:' && THIS_MACHINE.includes(hostname));
  return isPrivate && text === `${origin}${pathname}` && text.endsWith('/');
}

/** Over plain HTTP only what stands on this machine: on the way, an answer could be forged. */
export const rangeUrl = z
  .string()
  .max(2048)
  .refine(
    isRangeUrl,
    'must be https://HOST/PATH/ (on this machine http:// too), with that last slash',
  );
