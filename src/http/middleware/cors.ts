import { cors as honoCors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import type { Env } from '../env.ts';

/**
 * CORS by exact origin, with credentials (Fetch standard section 3.2). An `OPTIONS` that is no preflight
 * goes on to the routes, which tell its methods.
 *
 * @param origins who may call from a browser; never `*`
 */
export const cors = (origins: readonly string[]) => {
  const answer = honoCors({
    origin: [...origins],
    credentials: true,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'X-Request-Id'],
    exposeHeaders: ['ETag', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'X-Request-Id'],
    maxAge: 600,
  });
  return createMiddleware<Env>((c, next) => {
    const isPreflight = c.req.header('Access-Control-Request-Method') !== undefined;
    if (c.req.method !== 'OPTIONS' || isPreflight) return answer(c, next);
    c.header('Vary', 'Origin');
    return next();
  });
};
