import { eventsAt, type RequestOrigin } from '../audit/event.ts';
import { newTokenId } from '../crypto/token.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { type LimitHeaders, limitHeaders } from '../limits/quota.ts';
import {
  type Identifier,
  normalizeEmail,
  normalizePhone,
  parseIdentifier,
} from '../users/identifier.ts';
import type { User } from '../users/user.ts';
import { isRefusedPassword } from './demo-user.ts';

/** What a person gives to get an account: an email address, a phone number, or both. */
export interface SignUp {
  readonly email?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly password: string;
  readonly name?: string | null | undefined;
}

/** The tokens of a session. */
export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds until the access token ends. */
  readonly expiresIn: number;
}

/** A login that succeeded. */
export interface Login extends SessionTokens {
  readonly user: User;
}

export interface AuthService {
  /**
   * @throws AppError `email_taken`, `phone_taken`, or `validation_failed` for an impossible number or a
   * password that the policy refuses
   */
  signUp(input: SignUp, origin: RequestOrigin): Promise<User>;
  /**
   * Makes a session for a user who has proved who they are. `undefined` where the account has been deleted,
   * disabled or locked meanwhile.
   */
  startSession(user: User, origin: RequestOrigin): Promise<Login | undefined>;
  /**
   * Checks a password. `undefined` means that it did not succeed: whether nobody has this name or the
   * password is wrong is not told, and costs the same time.
   *
   * @param username email address or phone number, as typed
   */
  logIn(username: string, password: string, origin: RequestOrigin): Promise<Login | undefined>;
  /**
   * Gives the tokens that follow a refresh token: the next ones for the newest, the same ones again for
   * its parent while the time of grace lasts. Any older one ends the session.
   *
   * @throws AppError `invalid_refresh_token` or `too_many_requests`
   */
  refresh(
    refreshToken: string,
    origin: RequestOrigin,
  ): Promise<SessionTokens & { readonly limit: LimitHeaders }>;
  /** Ends the session that the caller is in. */
  logOut(user: User, sessionId: string, origin: RequestOrigin): Promise<void>;
}

const FAILURE = { outcome: 'failure' } as const;

export function createAuthService(deps: Deps): AuthService {
  const { users, sessions, passwords, passwordPolicy, tokens, refreshTokens, limits, log, clock } =
    deps;
  const { defaultPhoneRegion: region, sessionLifetime } = deps.config;

  const eventOf = eventsAt(clock);

  async function tokensOf(
    userId: number,
    sessionId: string,
    count: number,
  ): Promise<SessionTokens> {
    return {
      accessToken: await tokens.issue({ userId, sessionId }),
      refreshToken: await refreshTokens.mint({ sessionId, count }),
      expiresIn: tokens.lifetimeSeconds,
    };
  }

  const recordFailure = (id: number | null, origin: RequestOrigin): Promise<void> =>
    users.recordFailure(
      id,
      eventOf(origin, null, 'login', FAILURE),
      eventOf(origin, null, 'lockout'),
    );

  async function startSession(user: User, origin: RequestOrigin): Promise<Login | undefined> {
    const now = clock();
    const { address, userAgent } = origin;
    const session = {
      id: newTokenId(),
      userId: user.id,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + sessionLifetime.absolute,
      method: 'password',
      address,
      userAgent,
    };
    if (!(await sessions.start(session, eventOf(origin, user.id, 'login')))) return undefined;
    return { user, ...(await tokensOf(user.id, session.id, 0)) };
  }

  return {
    async signUp({ email, phone, password, name }, origin) {
      const contact = {
        email: email == null ? null : withNormalForm('email', email, normalizeEmail(email)),
        phone: phone == null ? null : withNormalForm('phone', phone, normalizePhone(phone, region)),
      };
      await passwordPolicy.check(password, { email, phone }, '#/password');
      const passwordHash = await passwords.hash(password);
      const user = { ...contact, passwordHash, name: name ?? null };
      return users.insert(user, eventOf(origin, null, 'signup'));
    },

    startSession,

    async logIn(username, password, origin) {
      const identifier: Identifier | undefined = parseIdentifier(username, region);
      const found = identifier && (await users.findCredentials(identifier));
      const stored = found?.passwordHash ?? null;
      const verdict = await passwords.verify(password, stored);
      if (found && verdict === 'malformed') {
        log.error('password_hash_malformed', { user_id: found.user.id });
      }
      const isRight = verdict.startsWith('match') && !isRefusedPassword(deps.config, password);
      if (!found || stored === null || !isRight || found.isLocked) {
        await recordFailure(found?.user.id ?? null, origin);
        return undefined;
      }
      if (verdict === 'match_needs_rehash') {
        await users.replacePasswordHash(found.user.id, stored, await passwords.hash(password));
      }
      const login = await startSession(found.user, origin);
      if (!login) await recordFailure(found.user.id, origin);
      return login;
    },

    async refresh(refreshToken, origin) {
      const claim = await refreshTokens.read(refreshToken);
      if (!claim) throw new AppError('invalid_refresh_token');
      const hit = limits.refresh(claim.sessionId);
      const rotation = await sessions.rotate(claim, hit);
      if (rotation === 'limited') return limits.refuse(hit);
      if (rotation) {
        const tokens = await tokensOf(rotation.userId, claim.sessionId, rotation.count);
        return { ...tokens, limit: limitHeaders(rotation.verdict ? [rotation.verdict] : []) };
      }
      await sessions.endReplayed(claim, eventOf(origin, null, 'refresh_reuse', FAILURE));
      throw new AppError('invalid_refresh_token');
    },

    async logOut(user, sessionId, origin) {
      await sessions.end(sessionId, user.id, eventOf(origin, user.id, 'logout'));
    },
  };
}

function withNormalForm(field: 'email' | 'phone', entered: string, normalized: string | undefined) {
  if (normalized !== undefined) return { entered, normalized };
  const message = field === 'email' ? 'must be an email address' : 'must be a phone number';
  throw new AppError('validation_failed', {
    fields: [{ pointer: `#/${field}`, code: `invalid_${field}`, message }],
  });
}
