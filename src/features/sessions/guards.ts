import type { Context } from 'hono';
import { AppError } from '../../core/errors.ts';
import { bearerToken } from '../../core/http/bearer.ts';
import type { Env } from '../../core/http/env.ts';
import type { Step } from '../../core/http/middleware/in-order.ts';
import { Guard } from '../../core/http/operation.ts';
import { ADMIN, SUPPORT } from '../roles/role.ts';
import type { User } from '../users/user.ts';
import type { AccessTokens } from './access-token.ts';
import type { Claims } from './claims.ts';
import { isFresh, type LiveSession, type Membership } from './session.ts';
import type { SessionStore } from './store.ts';
import { createVisits, type VisitParts } from './visits.ts';

interface UserVariables {
  user: User;
  session: LiveSession;
}

interface MemberVariables {
  user: User;
  session: Membership['session'];
  /** In alphabetical order. */
  roles: readonly string[];
}

interface TokenVariables {
  claims: Claims;
}

/** The OpenAPI security scheme of an access token. */
const SECURITY = [{ passwordLogin: [] }];
const FAILS = ['not_authenticated', 'invalid_token', 'database_unavailable'] as const;

/**
 * Requires a valid access token, a live session and a user who is not disabled. Queries the database for each request,
 * so that the next request of a revoked session is rejected.
 */
export const user = new Guard<UserVariables>({ name: 'user', security: SECURITY, fails: FAILS });

/**
 * Requires what {@link user} does, and that the user has authenticated in the session recently: {@link isFresh}
 * (RFC 9470). The statement of the operation asks again: `isFreshlyLoggedInBy` of the session store.
 */
export const fresh = new Guard<UserVariables>({
  name: 'fresh',
  security: SECURITY,
  fails: [...FAILS, 'reauthentication_required'],
});

/** Requires what {@link user} does, and reads the roles of the user in the same query. */
export const member = new Guard<MemberVariables>({
  name: 'member',
  security: SECURITY,
  fails: FAILS,
});

/** Requires what {@link member} does, and the role of an administrator or a supporter. */
export const staff = new Guard<MemberVariables>({
  name: 'staff',
  security: SECURITY,
  fails: [...FAILS, 'forbidden'],
});

/**
 * Requires what {@link fresh} does, and the role of an administrator. The statement of the operation asks again:
 * `isFreshlyLoggedInAdmin` of the session store.
 */
export const admin = new Guard<MemberVariables>({
  name: 'admin',
  security: SECURITY,
  fails: [...FAILS, 'forbidden', 'reauthentication_required'],
});

/** Anyone may call. A caller who sends an access token must satisfy {@link user}. */
export const optionalUser = new Guard<Partial<UserVariables>>({
  name: 'optionalUser',
  security: [{}, ...SECURITY],
  fails: FAILS,
});

/**
 * Requires a valid access token, but does not check its session. For operations whose own statement checks whether the
 * session is live.
 */
export const token = new Guard<TokenVariables>({
  name: 'token',
  security: SECURITY,
  fails: FAILS,
});

interface GuardParts extends VisitParts {
  readonly tokens: AccessTokens;
  readonly sessions: SessionStore;
}

type GuardName = 'user' | 'optionalUser' | 'fresh' | 'token' | 'member' | 'staff' | 'admin';

/** Creates the steps of the guards. */
export function createGuards(parts: GuardParts): Readonly<Record<GuardName, Step>> {
  const { tokens, sessions, clock } = parts;
  const visits = createVisits(parts);

  async function requireUser(c: GuardContext<UserVariables>): Promise<void> {
    const { userId, sessionId } = await authenticate(c, tokens);
    const live = await sessions.findLive(sessionId, userId);
    if (!live) throw new AppError('invalid_token');
    await touch(c, live.session, userId);
    c.set('user', live.user);
    c.set('session', live.session);
  }

  async function requireMember(c: GuardContext<MemberVariables>): Promise<void> {
    const { userId, sessionId } = await authenticate(c, tokens);
    const found = await sessions.findMember(sessionId, userId);
    if (!found) throw new AppError('invalid_token');
    await touch(c, found.session, userId);
    c.set('user', found.user);
    c.set('session', found.session);
    c.set('roles', found.roles);
  }

  async function touch(
    c: Pick<GuardContext<object>, 'get'>,
    session: LiveSession,
    userId: number,
  ): Promise<void> {
    if (sessions.isTouchDue(session)) await visits.touch(session, userId, c.get('caller'));
  }

  function requireFresh(session: LiveSession): void {
    if (!isFresh(session, clock())) throw new AppError('reauthentication_required');
  }

  /** Before the question whether the session is fresh: no re-authentication helps an account without the role. */
  function requireRole(roles: readonly string[], accepted: readonly string[]): void {
    if (!accepted.some((role) => roles.includes(role))) throw new AppError('forbidden');
  }

  return {
    user: step<UserVariables>(requireUser),

    optionalUser: step<UserVariables>(async (c) => {
      if (c.req.header('Authorization') !== undefined) await requireUser(c);
    }),

    fresh: step<UserVariables>(async (c) => {
      await requireUser(c);
      requireFresh(c.get('session'));
    }),

    member: step<MemberVariables>(requireMember),

    staff: step<MemberVariables>(async (c) => {
      await requireMember(c);
      requireRole(c.get('roles'), [ADMIN, SUPPORT]);
    }),

    admin: step<MemberVariables>(async (c) => {
      await requireMember(c);
      requireRole(c.get('roles'), [ADMIN]);
      requireFresh(c.get('session'));
    }),

    token: step<TokenVariables>(async (c) => {
      c.set('claims', await authenticate(c, tokens));
    }),
  };
}

type GuardContext<Variables extends object> = Context<Env & { Variables: Variables }>;

/** The cast is safe: the router runs this step only before handlers whose contract declares the guard. */
const step = <Variables extends object>(
  check: (c: GuardContext<Variables>) => Promise<void>,
): Step => check as unknown as Step;

/**
 * Verifies the bearer token of the `Authorization` header. No other place is accepted (RFC 6750 section 2.1). Creates
 * no promise for a cached token.
 *
 * @throws AppError `not_authenticated` or `invalid_token`
 */
function authenticate(
  c: Pick<GuardContext<object>, 'req'>,
  tokens: AccessTokens,
): Claims | Promise<Claims> {
  const bearer = bearerToken(c.req.header('Authorization'));
  if (bearer === undefined) throw new AppError('not_authenticated');
  return tokens.recall(bearer) ?? tokens.verify(bearer);
}
