import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { Caller } from '../../caller.ts';
import type { Logger } from '../../log.ts';
import type { Env } from '../env.ts';

const MAX_CLIENT_ID_LENGTH = 128;
const CLIENT_ID = /^[\w\-=]+$/;
/**
 * Statuses that are typical of an attack. Their log lines include a hash of the network, so that the attack can be
 * traced.
 */
const REFUSALS: ReadonlySet<number> = new Set([401, 429, 503]);

interface AccessLogOptions {
  readonly log: Logger;
  /** Returns a keyed hash of a network. Without the key, the hash does not reveal the network. */
  readonly markOf: (network: string) => string;
  /** Monotonic time in milliseconds. */
  readonly now?: () => number;
}

/**
 * Logs one line per request. The line contains the pattern of the route, not the path, which may contain user input; no
 * body; and no token. Its only header field is the client's request id, if well-formed.
 */
export function accessLog({ log, markOf, now = monotonic }: AccessLogOptions) {
  const routeOf = createRouteOf();

  const networkMark = ({ network }: Caller): string | undefined =>
    network === null ? undefined : markOf(network);

  return createMiddleware<Env>(async (c, next) => {
    const start = now();
    await next();
    const { status } = c.res;
    log[status >= 500 ? 'error' : 'info']('request', {
      method: c.req.method,
      route: routeOf(c),
      status,
      duration_ms: Math.round((now() - start) * 10) / 10,
      request_id: c.get('requestId'),
      client_request_id: clientRequestId(c.req.header('X-Request-Id')),
      network: REFUSALS.has(status) ? networkMark(c.get('caller')) : undefined,
    });
  });
}

const monotonic = (): number => performance.now();

const clientRequestId = (given: string | undefined): string | undefined =>
  given !== undefined && given.length <= MAX_CLIENT_ID_LENGTH && CLIENT_ID.test(given)
    ? given
    : undefined;

/**
 * Returns a function that finds the pattern of the matched route. To find a pattern, Hono builds a list of all matches.
 * Most paths are patterns themselves; these are cached.
 */
function createRouteOf(): (c: Context<Env>) => string {
  const patterns = new Set<string>();
  return (c) => {
    const { method, path } = c.req;
    const key = `${method} ${path}`;
    if (patterns.has(key)) return path;
    const pattern = matchedRoutes(c).at(-1)?.path ?? '/*';
    // The number of routes bounds the size of the cache.
    if (pattern === path) patterns.add(key);
    return pattern;
  };
}
