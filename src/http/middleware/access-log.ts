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
export const accessLog = (log: Logger, now: () => number = () => performance.now()) =>
  createMiddleware<Env>(async (c, next) => {
    const start = now();
    await next();
    const { status } = c.res;
    log[status >= 500 ? 'error' : 'info']('request', {
      method: c.req.method,
      route: matchedRoutes(c).at(-1)?.path ?? '/*',
      status,
      duration_ms: Math.round((now() - start) * 10) / 10,
      request_id: c.get('requestId'),
    });
  });
