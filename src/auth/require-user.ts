import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { Env } from '../http/env.ts';

/**
 * Lets a request through that carries a valid access token of a session that has not ended, and of a user
 * who is there and not disabled: `c.var.session` and `c.var.user`. Asked of the database each time, so
 * that an end takes effect at the next request. The token is taken from the `Authorization` header only (RFC 6750 section 2.1).
 */
export const requireUser = ({
  tokens,
  sessions,
}: Pick<Deps, 'tokens' | 'sessions'>): MiddlewareHandler<Env> =>
  createMiddleware<Env>(async (c, next) => {
    const token = bearerToken(c.req.header('Authorization'));
    if (token === undefined) throw new AppError('not_authenticated');
    const { userId, sessionId } = await tokens.verify(token);
    const live = await sessions.findLive(sessionId, userId);
    if (!live) throw new AppError('invalid_token');
    await sessions.touch(live.session);
    c.set('user', live.user);
    c.set('session', live.session);
    await next();
  });

/** `undefined` where the header is missing or of another scheme. */
function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer(?: +(.*))?$/i
    .exec(header ?? '')
    ?.slice(1)
    .map((token) => token ?? '')[0];
}
