import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { describeError } from '../db/database.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import type { Env } from '../http/env.ts';
import type { Session } from '../sessions/session.ts';

/**
 * Lets a request through that carries a valid access token of a session that has not ended, and of a user
 * who is there and not disabled: `c.var.session` and `c.var.user`. Asked of the database each time, so
 * that an end takes effect at the next request. The token is taken from the `Authorization` header only (RFC 6750 section 2.1).
 */
export function requireUser({
  tokens,
  sessions,
  log,
}: Pick<Deps, 'tokens' | 'sessions' | 'log'>): MiddlewareHandler<Env> {
  /** A note that cannot be made is no reason to refuse: a read goes on while the database takes no writes. */
  async function noteUse(session: Session): Promise<void> {
    try {
      await sessions.touch(session);
    } catch (error) {
      log.warn('last_use_not_noted', { error: describeError(error) });
    }
  }

  return createMiddleware<Env>(async (c, next) => {
    const token = bearerToken(c.req.header('Authorization'));
    if (token === undefined) throw new AppError('not_authenticated');
    const { userId, sessionId } = await tokens.verify(token);
    const live = await sessions.findLive(sessionId, userId);
    if (!live) throw new AppError('invalid_token');
    await noteUse(live.session);
    c.set('user', live.user);
    c.set('session', live.session);
    await next();
  });
}

/** `undefined` where the header is missing or of another scheme. */
function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer(?: +(.*))?$/i
    .exec(header ?? '')
    ?.slice(1)
    .map((token) => token ?? '')[0];
}
