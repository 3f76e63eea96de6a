import type { Head } from '../head.ts';

/** The header fields of responses that contain data rather than a page (OWASP REST Security Cheat Sheet). */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  /** On every response, even if the request has no `Origin`: a cache must not reuse the response for another origin. */
  Vary: 'Origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

const TWO_YEARS_SECONDS = 63_072_000;

/**
 * The header fields of every response, unless the response overrides them.
 *
 * @param isProduction adds `Strict-Transport-Security`. In development, it would keep browsers from using HTTP
 */
export const securityHeaders = (isProduction: boolean): Readonly<Head> => ({
  ...HEADERS,
  ...(isProduction && {
    'Strict-Transport-Security': `max-age=${TWO_YEARS_SECONDS}; includeSubDomains`,
  }),
});
