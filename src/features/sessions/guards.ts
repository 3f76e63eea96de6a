import type { Context, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import { callerOf } from '../../core/http/caller.ts';
import type { Env } from '../../core/http/env.ts';
import type { AccessTokens, Claims } from './access-token.ts';
import type { SessionStore } from './store.ts';
import { createVisits, type VisitParts } from './visits.ts';

interface GuardParts extends VisitParts {
  readonly tokens: AccessTokens;
  readonly sessions: SessionStore;
  readonly config: Pick<Config, 'trustedProxyHops'>;
}

/**
 * Lets a request through that carries a valid access token of a session that has not ended, and of a user
 * who is there and not disabled: `session` and `user` of its context. Asked of the database each time, so
 * that an end takes effect at the next request. The token is taken from the `Authorization` header only (RFC 6750 section 2.1).
 */
export function requireUser(parts: GuardParts): MiddlewareHandler<Env> {
  const { tokens, sessions, config } = parts;
  const callerOfRequest = callerOf(config.trustedProxyHops);
  const visits = createVisits(parts);

  return createMiddleware<Env>(async (c, next) => {
    const { userId, sessionId } = await claimsOf(c, tokens);
    const live = await sessions.findLive(sessionId, userId);
    if (!live) throw new AppError('invalid_token');
    if (sessions.isUseDue(live.session)) {
      await visits.touch(live.session, userId, callerOfRequest(c));
    }
    c.set('user', live.user);
    c.set('session', live.session);
    return await next();
  });
}

/**
 * Lets a request through that carries a valid access token, whether or not its session has ended: for what
 * asks that in the statement that it is there for.
 */
export const requireToken = ({ tokens }: Pick<GuardParts, 'tokens'>): MiddlewareHandler<Env> =>
  createMiddleware<Env>(async (c, next) => {
    c.set('claims', await claimsOf(c, tokens));
    return await next();
  });

/** What the bearer token says. @throws AppError `not_authenticated` or `invalid_token` */
function claimsOf(c: Context<Env>, tokens: AccessTokens): Claims | Promise<Claims> {
  const token = bearerToken(c.req.header('Authorization'));
  if (token === undefined) throw new AppError('not_authenticated');
  return tokens.recall(token) ?? tokens.verify(token);
}

/**
 * `undefined` where the header is missing or of another scheme. One space is what everybody sends: behind many
 * the token would be remembered with all of them, of which an engine makes it a part.
 */
function bearerToken(header: string | undefined): string | undefined {
  const match = /^Bearer(?: (.*))?$/i.exec(header ?? '');
  return match ? (match[1] ?? '') : undefined;
}
