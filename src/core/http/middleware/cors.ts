import type { Logger } from '../../log.ts';
import { isWebOrigin } from '../../web-origin.ts';
import { answer, setHeaders } from '../answer.ts';
import { type AllowedOrigins, isOwnOrigin } from '../origins.ts';
import type { Step } from './in-order.ts';

const ALLOWED = {
  'Access-Control-Allow-Methods': 'GET,HEAD,POST,PUT,PATCH,DELETE',
  'Access-Control-Allow-Headers': 'Authorization,Content-Type,If-Match,If-None-Match,X-Request-Id',
  'Access-Control-Max-Age': '600',
} as const;
const EXPOSED =
  'Accept-Ranges,Content-Range,ETag,RateLimit,RateLimit-Policy,Retry-After,X-Request-Id';

/** Maximum number of refused origins that are logged. Bounded, because callers choose the value of the header field. */
const MAX_LOGGED_ORIGINS = 50;
const MAX_ORIGIN_LENGTH = 300;

/** The origins that may call from a browser, and the log for refused ones. */
export interface CorsParts {
  readonly allowed: AllowedOrigins;
  readonly log: Logger;
  /** True for the path of a page, which no other origin may read or call. */
  readonly isPage: (path: string) => boolean;
}

/**
 * CORS with credentials for the allowed origins (Fetch standard section 3.2), never `*`. The first request of each
 * other web origin is logged with the setting that would allow it, because a browser reports only a failed request.
 */
export function cors({ allowed, log, isPage }: CorsParts): Step {
  const logged = new Set<string>();

  function logOnce(origin: string): void {
    if (logged.size >= MAX_LOGGED_ORIGINS || logged.has(origin)) return;
    logged.add(origin);
    const cure = isWebOrigin(origin)
      ? `if this is your app, add ${origin} to CORS_ORIGINS`
      : 'open the page over http or https; no setting allows this origin';
    log.warn('origin_not_allowed', { origin, cure });
  }

  return (c) => {
    const origin = c.req.header('Origin');
    if (origin === undefined || isPage(c.req.path)) return;
    if (allowed.has(origin)) {
      setHeaders(c, {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Expose-Headers': EXPOSED,
      });
    } else if (origin.length <= MAX_ORIGIN_LENGTH && !isOwnOrigin(origin, c.req)) {
      logOnce(origin);
    }
  };
}

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
