import { createMiddleware } from 'hono/factory';
import type { Env } from '../env.ts';

/** For answers that are data and no page (OWASP REST Security Cheat Sheet). */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

const TWO_YEARS_SECONDS = 63_072_000;

/** @param isProduction adds `Strict-Transport-Security`, which would lock a laptop's browser out of HTTP */
export const securityHeaders = (isProduction: boolean) => {
  const headers = Object.entries({
    ...HEADERS,
    ...(isProduction && {
      'Strict-Transport-Security': `max-age=${TWO_YEARS_SECONDS}; includeSubDomains`,
    }),
  });
  return createMiddleware<Env>(async (c, next) => {
    for (const [name, value] of headers) c.header(name, value);
    await next();
  });
};
