import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { Caller } from '../../caller.ts';
import type { Logger } from '../../log.ts';
import type { Env } from '../env.ts';

const MAX_CLIENTS_ID = 128;
const SANE_ID = /^[\w\-=]+$/;
/** Answers of a flood: their lines carry a mark of the network, so that it can be traced. */
const REFUSALS: ReadonlySet<number> = new Set([401, 429, 503]);

interface AccessLogOptions {
  readonly log: Logger;
  /** A keyed hash of a network, which says nothing to who has no key. */
  readonly markOf: (network: string) => string;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

/**
 * One line a request: the route's pattern and not the address, which may hold what a person typed; no
 * body, no token, and of the header nothing but the client's own request id where it is a sane one.
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
      client_request_id: saneId(c.req.header('X-Request-Id')),
      network: REFUSALS.has(status) ? networkMark(c.get('caller')) : undefined,
    });
  });
}

const monotonic = (): number => performance.now();

const saneId = (given: string | undefined): string | undefined =>
  given !== undefined && given.length <= MAX_CLIENTS_ID && SANE_ID.test(given) ? given : undefined;

/**
 * Returns the pattern of the matched route. To ask Hono costs a list of all matches;
 * so the addresses that are patterns themselves, which are most, are remembered.
 */
function createRouteOf(): (c: Context<Env>) => string {
  const patterns = new Set<string>();
  return (c) => {
    const { method, path } = c.req;
    const address = `${method} ${path}`;
    if (patterns.has(address)) return path;
    const pattern = matchedRoutes(c).at(-1)?.path ?? '/*';
    // Never more than there are routes.
    if (pattern === path) patterns.add(address);
    return pattern;
  };
}
