import type { Head } from '../head.ts';

/** For answers that are data and no page (OWASP REST Security Cheat Sheet). */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  /** CORS depends on the origin, also where none is named: a cache must not give the answer to another. */
  Vary: 'Origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

const TWO_YEARS_SECONDS = 63_072_000;

/**
 * What every answer has, unless it says otherwise.
 *
 * @param isProduction adds `Strict-Transport-Security`, which would lock a laptop's browser out of HTTP
 */
export const securityHeaders = (isProduction: boolean): Readonly<Head> => ({
  ...HEADERS,
  ...(isProduction && {
    'Strict-Transport-Security': `max-age=${TWO_YEARS_SECONDS}; includeSubDomains`,
  }),
});
