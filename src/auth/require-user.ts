import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { Env } from '../http/env.ts';

/**
 * Lets a request through that carries a valid access token of a user who still exists, who is then
 * `c.var.user`. The token is taken from the `Authorization` header only (RFC 6750 section 2.1).
 */
export const requireUser = ({
  tokens,
  users,
}: Pick<Deps, 'tokens' | 'users'>): MiddlewareHandler<Env> =>
  createMiddleware<Env>(async (c, next) => {
    const token = bearerToken(c.req.header('Authorization'));
    if (token === undefined) throw new AppError('not_authenticated');
    const { userId } = await tokens.verify(token);
    const user = await users.findById(userId);
    if (!user) throw new AppError('invalid_token');
    c.set('user', user);
    await next();
  });

/** `undefined` where the header is missing or of another scheme. */
function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer(?: +(.*))?$/i
    .exec(header ?? '')
    ?.slice(1)
    .map((token) => token ?? '')[0];
}
