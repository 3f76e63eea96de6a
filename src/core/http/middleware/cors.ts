import { answer, setHeaders } from '../answer.ts';
import type { Step } from './in-order.ts';

const ALLOWED = {
  'Access-Control-Allow-Methods': 'GET,HEAD,POST,PUT,PATCH,DELETE',
  'Access-Control-Allow-Headers': 'Authorization,Content-Type,If-Match,If-None-Match,X-Request-Id',
  'Access-Control-Max-Age': '600',
} as const;
const EXPOSED = 'ETag,RateLimit,RateLimit-Policy,Retry-After,X-Request-Id';

/**
 * CORS by exact origin, with credentials (Fetch standard section 3.2).
 *
 * @param origins allowed origins; never `*`
 */
export const cors = (origins: readonly string[]): Step => {
  const byOrigin = new Map(
    origins.map((origin) => [
      origin,
      {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Expose-Headers': EXPOSED,
      },
    ]),
  );
  return (c) => {
    const known = byOrigin.get(c.req.header('Origin') ?? '');
    if (known) setHeaders(c, known);
  };
};

/**
 * Answers preflights. Runs after the limits, which count preflights like other requests. Any other `OPTIONS`
 * request goes on to the routes, which list the allowed methods.
 */
export const answerPreflight: Step = (c) => {
  const isPreflight =
    c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined;
  if (!isPreflight) return undefined;
  const isKnown = c.get('head')['Access-Control-Allow-Origin'] !== undefined;
  return answer(c, null, 204, isKnown ? ALLOWED : undefined);
};
