import type { Config } from '../../config/config.ts';
import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import type { Meter } from '../../core/metrics/meter.ts';
import type { ErrorCode } from '../../core/problems.ts';
import { eventsAt } from '../audit/event.ts';
import type { DeviceToken, DeviceTokens } from '../devices/token.ts';
import { storedLocale } from '../messages/locale.ts';
import type { NoticeStatements, Notices } from '../notices/service.ts';
import type { SessionIssuer, SessionTokens } from '../sessions/issuer.ts';
import { newSessionId, type Session } from '../sessions/session.ts';
import type { User } from '../users/user.ts';
import type { Challenge, Proof, SecondFactor } from './proof.ts';
import type { SignInStore } from './store.ts';

/** The user and the tokens of a session that has started. */
export interface Login extends SessionTokens {
  readonly user: User;
  /** Recognizes the device at the next login. */
  readonly deviceToken: string;
}

/** A login, a challenge for a second proof, or `undefined` if the proof is not valid. */
export type SignInOutcome = Login | Challenge | undefined;

/** The only service that starts sessions. */
export interface SignIn {
  /**
   * Starts a session, or returns a challenge if a second proof is required. Returns `undefined` if no session started,
   * because the account was deleted or disabled after the verification, or because a claim of the proof no longer
   * holds. For a password, the claim requires that the hash is unchanged and the account is not locked.
   */
  signIn(proof: Proof, caller: Caller): Promise<SignInOutcome>;
  /**
   * Replaces a live session of the same user, who has authenticated again with this proof. Asks for no second factor,
   * because the replaced session has already passed it. Returns `undefined` in the same cases as `signIn`, and if the
   * replaced session has ended. The consequences of the proof must end the replaced session.
   */
  restart(sessionId: string, proof: Proof, caller: Caller): Promise<Login | undefined>;
  /**
   * Sets the authentication time of a live session of the same user to now. Returns the session's current refresh
   * token and a new access token. Asks for no second factor: the session has passed it. Returns `undefined` as
   * `signIn` does, and if the session has ended.
   */
  reauthenticate(sessionId: string, proof: Proof, caller: Caller): Promise<Login | undefined>;
}

interface SignInParts {
  readonly config: Pick<Config, 'sessionLifetime'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly meter: Meter;
  readonly issuer: SessionIssuer;
  readonly deviceTokens: Pick<DeviceTokens, 'create'>;
  readonly store: SignInStore;
  readonly notices: Notices;
  /** Evaluated in order. If one of them returns a challenge, the challenge is returned and no session starts. */
  readonly secondFactors?: readonly SecondFactor[];
}

export function createSignIn(parts: SignInParts): SignIn {
  const { config, clock, meter, issuer, store, deviceTokens, notices, secondFactors = [] } = parts;
  const eventOf = eventsAt(clock);

  function newSession({ user, method }: Proof, { address, network, userAgent }: Caller): Session {
    const now = clock();
    return {
      id: newSessionId(),
      userId: user.id,
      createdAt: now,
      lastUsedAt: now,
      expiresAt: now + config.sessionLifetime.absolute,
      method,
      address,
      userAgent,
      lastNetwork: network,
      authTime: now,
    };
  }

  /** The notice of a proof from a network and a device that turn out to be new to the account. */
  async function newLoginNotice(
    { user, newLogin }: Proof,
    { trace }: Caller,
  ): Promise<NoticeStatements | undefined> {
    if (!newLogin || newLogin.isKnownNetwork || newLogin.isKnownDevice) return undefined;
    const locale = storedLocale(newLogin.locale);
    return notices.prepare({ kind: 'new_login', user, locale, trace });
  }

  async function start(
    proof: Proof,
    replaced: string | undefined,
    caller: Caller,
  ): Promise<Login | undefined> {
    const { user } = proof;
    const session = newSession(proof, caller);
    const detail = { session: session.id };
    const freshDevice = deviceTokens.create();
    const started = await store.start(session, proof, {
      replaced,
      freshDevice,
      notice: await newLoginNotice(proof, caller),
      newNetwork: eventOf(caller, user.id, 'new_network', { detail }),
      eviction: eventOf(caller, user.id, 'session_evict'),
    });
    if (!started) return undefined;
    const deviceToken = tokenOf(started, proof.device, freshDevice);
    const tokens = await issuer.tokensOf({ ...session, roles: started.roles }, 0);
    return { user, deviceToken, ...tokens };
  }

  const count = ({ method }: Proof, outcome: 'success' | 'challenge') =>
    meter.count('latchkey_log_ins_total', { method, outcome });

  return {
    async signIn(proof, caller) {
      for (const factor of secondFactors) {
        const challenge = await factor.challengeOf(proof);
        if (challenge) {
          count(proof, 'challenge');
          return challenge;
        }
      }
      const login = await start(proof, undefined, caller);
      if (login) count(proof, 'success');
      return login;
    },

    restart: (sessionId, proof, caller) => start(proof, sessionId, caller),

    async reauthenticate(sessionId, proof, caller) {
      const { user } = proof;
      const detail = { session: sessionId };
      const freshDevice = deviceTokens.create();
      const proved = await store.reauthenticate(sessionId, proof, {
        now: clock(),
        caller,
        freshDevice,
        notice: await newLoginNotice(proof, caller),
        newNetwork: eventOf(caller, user.id, 'new_network', { detail }),
      });
      if (!proved) return undefined;
      const session = { ...proved, id: sessionId, userId: user.id };
      const deviceToken = tokenOf(proved, proof.device, freshDevice);
      return { user, deviceToken, ...(await issuer.tokensOf(session, proved.count)) };
    },
  };
}

/** The token that recognizes the device from now on: the presented one, if the batch has renewed it. */
const tokenOf = (
  { isKnownDevice }: { readonly isKnownDevice: boolean },
  presented: DeviceToken | undefined,
  fresh: DeviceToken,
): string => (presented && isKnownDevice ? presented : fresh).token;

/** True if a sign-in has started a session. */
const isLogin = (outcome: Login | Challenge): outcome is Login => 'accessToken' in outcome;

/**
 * Returns the login of an outcome, for an operation whose contract has no response for a challenge. Invariant: an app
 * with second factors has an operation that answers challenges, and its login operations return challenges instead of
 * calling this function.
 *
 * @throws AppError `failure` if the proof is not valid; `internal_error` for a challenge
 */
export function loginOf(outcome: SignInOutcome, failure: ErrorCode): Login {
  if (!outcome) throw new AppError(failure);
  if (isLogin(outcome)) return outcome;
  const cause = new Error(`no operation answers the challenge for ${outcome.methods.join(' or ')}`);
  throw new AppError('internal_error', { cause });
}
