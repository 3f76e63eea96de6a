import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import { networkOf, siteOf } from '../../core/network.ts';
import { type LimitHeaders, limitHeaders } from '../../core/quota.ts';
import type { Deps } from '../../deps.ts';
import { eventsAt } from '../audit/event.ts';
import type { Claims } from '../sessions/access-token.ts';
import { createSessionIssuer, type SessionTokens } from '../sessions/issuer.ts';
import { createVisits } from '../sessions/visits.ts';
import { isRefusedPassword } from '../sign-up/demo-user.ts';
import {
  type Identifier,
  normalizeEmail,
  normalizePhone,
  parseIdentifier,
} from '../users/identifier.ts';
import type { LoginCredentials } from '../users/store.ts';
import type { User } from '../users/user.ts';

/** What a person gives to get an account: an email address, a phone number, or both. */
export interface SignUp {
  readonly email?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly password: string;
  readonly name?: string | null | undefined;
}

/** A login that succeeded. */
export interface Login extends SessionTokens {
  readonly user: User;
}

export interface AuthService {
  /**
   * @throws AppError `email_taken`, `phone_taken`, `validation_failed` for an impossible number, or
   * `weak_password` for a password that the policy refuses
   */
  signUp(input: SignUp, caller: Caller): Promise<User>;
  /** The same, and logs the new user in. */
  signUpAndLogIn(input: SignUp, caller: Caller): Promise<Login>;
  /**
   * Checks a password. `undefined` means that it did not succeed: whether nobody has this name or the
   * password is wrong is not told, and costs the same time.
   *
   * @param username email address or phone number, as typed
   */
  logIn(username: string, password: string, caller: Caller): Promise<Login | undefined>;
  /**
   * Gives the tokens that follow a refresh token: the next ones for the newest, the same ones again for
   * its parent while the time of grace lasts. Any older one ends the session.
   *
   * @throws AppError `invalid_refresh_token` or `too_many_requests`
   */
  refresh(
    refreshToken: string,
    caller: Caller,
  ): Promise<SessionTokens & { readonly limit: LimitHeaders }>;
  /**
   * Ends the session that the caller is in.
   *
   * @throws AppError `invalid_token` where it has ended, or its user is gone or disabled
   */
  logOut(claims: Claims, caller: Caller): Promise<void>;
}

const FAILURE = { outcome: 'failure' } as const;

export function createAuthService(deps: Deps): AuthService {
  const { users, sessions, passwords, passwordPolicy, refreshTokens, audit, log, clock } = deps;
  const { defaultPhoneRegion: region } = deps.config;

  const eventOf = eventsAt(clock);
  const { newSession, tokensOf } = createSessionIssuer(deps);
  const visits = createVisits(deps);

  /** `undefined` where the account has been deleted, disabled, locked or given another hash meanwhile. */
  async function startSession(
    user: User,
    hashes: { readonly verified: string; readonly fresh?: string | undefined },
    caller: Caller,
  ): Promise<Login | undefined> {
    const session = newSession(user.id, caller);
    const detail = { session: session.id };
    const events = {
      start: eventOf(caller, user.id, 'login'),
      newNetwork: eventOf(caller, user.id, 'new_network', { detail }),
      eviction: eventOf(caller, user.id, 'session_evict'),
    };
    const isStarted = await sessions.start(session, hashes, events);
    if (!isStarted) return undefined;
    return { user, ...(await tokensOf(session, 0)) };
  }

  /** A refusal that is of no account, or of a locked one, is no event: anybody can cause any number of them. */
  async function recordRefusal(
    found: LoginCredentials | undefined,
    network: string,
    caller: Caller,
  ): Promise<void> {
    if (!found || found.isLocked) return audit.countRefusal(siteOf(caller.address ?? ''));
    const who = { userId: found.user.id, network, isKnownNetwork: found.isKnownNetwork };
    const failure = eventOf(caller, null, 'login', FAILURE);
    return users.recordFailure(who, failure, eventOf(caller, null, 'lockout'));
  }

  /**
   * `overtaken` where the account was changed while the password was verified: hashed anew by another
   * login, given another password, locked, deleted. It is to be looked at again.
   */
  async function tryPassword(
    identifier: Identifier | undefined,
    password: string,
    caller: Caller,
  ): Promise<Login | 'refused' | 'overtaken'> {
    const network = networkOf(caller.address ?? '');
    const found = identifier && (await users.findCredentials(identifier, network));
    const stored = found?.passwordHash ?? null;
    const verdict = await passwords.verify(password, stored, caller.address);
    if (found && verdict === 'malformed') {
      log.error('password_hash_malformed', { user_id: found.user.id });
    }
    const isRight = verdict.startsWith('match') && !isRefusedPassword(deps.config, password);
    if (!found || stored === null || !isRight || found.isLocked) {
      await recordRefusal(found, network, caller);
      return 'refused';
    }
    const fresh = verdict === 'match' ? undefined : await passwords.hash(password, caller.address);
    const login = await startSession(found.user, { verified: stored, fresh }, caller);
    return login ?? 'overtaken';
  }

  async function insertUser(
    { email, phone, password, name }: SignUp,
    caller: Caller,
  ): Promise<{ user: User; passwordHash: string }> {
    const contact = {
      email: email == null ? null : withNormalForm('email', email, normalizeEmail(email)),
      phone: phone == null ? null : withNormalForm('phone', phone, normalizePhone(phone, region)),
    };
    await passwordPolicy.check(password, { email, phone }, '#/password');
    const passwordHash = await passwords.hash(password, caller.address);
    const newUser = { ...contact, passwordHash, name: name ?? null };
    const user = await users.insert(newUser, eventOf(caller, null, 'signup'));
    return { user, passwordHash };
  }

  return {
    async signUp(input, caller) {
      return (await insertUser(input, caller)).user;
    },

    async signUpAndLogIn(input, caller) {
      const { user, passwordHash } = await insertUser(input, caller);
      const login = await startSession(user, { verified: passwordHash }, caller);
      if (!login) throw new Error('an account was gone as soon as it was made');
      return login;
    },

    async logIn(username, password, caller) {
      const identifier = parseIdentifier(username, region);
      let outcome = await tryPassword(identifier, password, caller);
      if (outcome === 'overtaken') outcome = await tryPassword(identifier, password, caller);
      return typeof outcome === 'string' ? undefined : outcome;
    },

    async refresh(refreshToken, caller) {
      const claim = refreshTokens.read(refreshToken);
      if (!claim) throw new AppError('invalid_refresh_token');
      const rotation = await sessions.rotate(claim);
      if (rotation && 'refused' in rotation) {
        throw new AppError('too_many_requests', { headers: limitHeaders([rotation.refused]) });
      }
      if (rotation) {
        const { address } = caller;
        if (address !== null && networkOf(address) !== rotation.lastNetwork) {
          await visits.move(claim.sessionId, rotation.userId, caller);
        }
        const tokens = await tokensOf({ ...rotation, id: claim.sessionId }, rotation.count);
        return { ...tokens, limit: limitHeaders(rotation.verdict ? [rotation.verdict] : []) };
      }
      const detail = { session: claim.sessionId };
      const reuse = eventOf(caller, null, 'refresh_reuse', { ...FAILURE, detail });
      await sessions.endReplayed(claim, reuse);
      throw new AppError('invalid_refresh_token');
    },

    async logOut({ userId, sessionId }, caller) {
      const isEnded = await sessions.end(sessionId, userId, eventOf(caller, userId, 'logout'));
      if (!isEnded) throw new AppError('invalid_token');
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
