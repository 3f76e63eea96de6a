import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import type { Logger } from '../../log.ts';
import type { Env } from '../env.ts';

/**
 * One line a request: the route's pattern and not the address, which may hold what a person typed; no
 * body, no token, no header.
 *
 * @param now milliseconds that only grow
 */
export function accessLog(log: Logger, now: () => number = () => performance.now()) {
  const routeOf = createRouteOf();
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
    });
  });
}

/**
 * Tells the pattern of the route that a request has matched. To ask Hono takes a list of all that has matched;
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
