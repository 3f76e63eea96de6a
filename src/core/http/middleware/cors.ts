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
 * @param origins who may call from a browser; never `*`
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
 * Answers preflights, behind the limits: they are requests like others. An `OPTIONS` that is none goes on to
 * the routes, which tell its methods.
 */
export const answerPreflight: Step = (c) => {
  const isPreflight =
    c.req.method === 'OPTIONS' && c.req.header('Access-Control-Request-Method') !== undefined;
  if (!isPreflight) return undefined;
  const isKnown = c.get('head')['Access-Control-Allow-Origin'] !== undefined;
  return answer(c, null, 204, isKnown ? ALLOWED : undefined);
};
