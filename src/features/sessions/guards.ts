import type { Context } from 'hono';
import { AppError } from '../../core/errors.ts';
import type { Env } from '../../core/http/env.ts';
import type { Step } from '../../core/http/middleware/in-order.ts';
import type { Guard } from '../../core/http/operation.ts';
import type { User } from '../users/user.ts';
import type { AccessTokens } from './access-token.ts';
import type { Claims } from './claims.ts';
import type { LiveSession } from './session.ts';
import type { SessionStore } from './store.ts';
import { createVisits, type VisitParts } from './visits.ts';

interface UserVariables {
  user: User;
  session: LiveSession;
}

interface TokenVariables {
  claims: Claims;
}

/** The schemes by which a client may present an access token. */
const SECURITY = [{ passwordLogin: [] }, { bearer: [] }];
const FAILS = ['not_authenticated', 'invalid_token', 'database_unavailable'] as const;

/**
 * The caller has a valid access token of a session that has not ended, and of a user who is not disabled. The
 * database is asked at each request, so that an end takes effect at the next one.
 */
export const user: Guard<UserVariables> = { name: 'user', security: SECURITY, fails: FAILS };

/**
 * The caller has a valid access token, whether or not its session has ended: for an operation whose own
 * statement asks that.
 */
export const token: Guard<TokenVariables> = { name: 'token', security: SECURITY, fails: FAILS };

interface GuardParts extends VisitParts {
  readonly tokens: AccessTokens;
  readonly sessions: SessionStore;
}

/** The steps of {@link user} and {@link token}. */
export function createGuards(parts: GuardParts): Readonly<Record<'user' | 'token', Step>> {
  const { tokens, sessions } = parts;
  const visits = createVisits(parts);

  return {
    user: step<UserVariables>(async (c) => {
      const { userId, sessionId } = await claimsOf(c, tokens);
      const live = await sessions.findLive(sessionId, userId);
      if (!live) throw new AppError('invalid_token');
      if (sessions.isUseDue(live.session)) {
        await visits.touch(live.session, userId, c.get('caller'));
      }
      c.set('user', live.user);
      c.set('session', live.session);
    }),

    token: step<TokenVariables>(async (c) => {
      c.set('claims', await claimsOf(c, tokens));
    }),
  };
}

type GuardContext<Variables extends object> = Context<Env & { Variables: Variables }>;

/** A context has the variables of its guard from here on: the router puts this step before their handlers only. */
const step = <Variables extends object>(
  check: (c: GuardContext<Variables>) => Promise<void>,
): Step => check as unknown as Step;

/**
 * What the bearer token says. It is read from the `Authorization` header only (RFC 6750 section 2.1).
 *
 * @throws AppError `not_authenticated` or `invalid_token`
 */
function claimsOf(
  c: Pick<GuardContext<object>, 'req'>,
  tokens: AccessTokens,
): Claims | Promise<Claims> {
  const bearer = bearerToken(c.req.header('Authorization'));
  if (bearer === undefined) throw new AppError('not_authenticated');
  return tokens.recall(bearer) ?? tokens.verify(bearer);
}

/**
 * `undefined` if the header is missing or of another scheme. Clients send one space. With several, the remembered
 * token would be a slice that keeps the whole header in memory.
 */
function bearerToken(header: string | undefined): string | undefined {
  const match = /^Bearer(?: (.*))?$/i.exec(header ?? '');
  return match ? (match[1] ?? '') : undefined;
}
