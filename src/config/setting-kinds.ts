import { z } from 'zod';
import { parseFieldsSchema } from '../core/own-fields/parse.ts';
import type { FieldsSchema } from '../core/own-fields/schema.ts';
import type { Quota } from '../core/quota.ts';
import { isWebOrigin } from '../core/web-origin.ts';
import { MAX_PROFILE_FIELDS } from './bounds.ts';

/** Decimal digits only. */
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

/** Exact origins, separated by commas. */
export const origins = z
  .string()
  .transform((text) => text.split(',').flatMap((origin) => origin.trim() || []))
  .refine(
    (list) => list.every(isWebOrigin),
    'must be a comma-separated list of exact origins such as https://app.example.com, without * or paths',
  );

/** A StringOrURI (RFC 7519 section 2). Spaces are rejected, because a stray space is easily overlooked. */
export const tokenName = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters without spaces');

const RATE_LIMIT = /^([1-9]\d{0,6})\/([1-9]\d{0,4})(s|m|h)$/;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const MAX_WINDOW_SECONDS = 86_400;

/** `COUNT/WINDOW`; null for `off`. */
export const rateLimit = z.string().transform((text, context): Quota | null => {
  if (text === 'off') return null;
  const [, count = '', length = '', unit = ''] = RATE_LIMIT.exec(text) ?? [];
  const seconds = Number(length) * (UNIT_SECONDS[unit] ?? 0);
  if (seconds > 0 && seconds <= MAX_WINDOW_SECONDS) return { count: Number(count), seconds };
  context.addIssue(
    'must be off, or COUNT/WINDOW such as 10/60s or 30/1h, with a window of at most a day',
  );
  return z.NEVER;
});

const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

function isRangeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, origin, pathname } = new URL(text);
  const isSecure =
    protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.includes(hostname));
  return isSecure && text === `${origin}${pathname}` && text.endsWith('/');
}

/** Plain HTTP is accepted only for this machine, because responses from a network could be forged. */
export const rangeUrl = z
  .string()
  .max(2048)
  .refine(
    isRangeUrl,
    'must be https://HOST/PATH/ with a trailing slash; http:// is allowed on this machine only',
  );

/** A JSON Schema of own fields. */
export const fieldsSchema = z
  .string()
  .max(MAX_PROFILE_FIELDS, `must be at most ${MAX_PROFILE_FIELDS} characters`)
  .transform((text, context): FieldsSchema => {
    const parsed = parseFieldsSchema(text);
    if ('schema' in parsed) return parsed.schema;
    for (const problem of parsed.problems) context.addIssue(problem);
    return z.NEVER;
  });
