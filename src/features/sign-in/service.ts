import type { Config } from '../../config/config.ts';
import type { Caller } from '../../core/caller.ts';
import { eventsAt } from '../audit/event.ts';
import type { SessionIssuer, SessionTokens } from '../sessions/issuer.ts';
import { newSessionId, type Session } from '../sessions/session.ts';
import type { User } from '../users/user.ts';
import type { Challenge, Proof, SecondFactor } from './proof.ts';
import type { SignInStore } from './store.ts';

/** The user and the tokens of a session that has started. */
export interface Login extends SessionTokens {
  readonly user: User;
}

/** The only service that starts sessions. */
export interface SignIn {
  /**
   * Starts a session, or returns a challenge if a second proof is required. Returns `undefined` if the proof is no
   * longer valid: since it was verified, the account was deleted, disabled or locked, or its password was changed.
   */
  signIn(proof: Proof, caller: Caller): Promise<Login | Challenge | undefined>;
}

interface SignInParts {
  readonly config: Pick<Config, 'sessionLifetime'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly issuer: SessionIssuer;
  readonly store: SignInStore;
  /** Evaluated in order; the first challenge is returned and no session starts. */
  readonly secondFactors?: readonly SecondFactor[];
}

export function createSignIn(parts: SignInParts): SignIn {
  const { config, clock, issuer, store, secondFactors = [] } = parts;
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
    };
  }

  return {
    async signIn(proof, caller) {
      for (const factor of secondFactors) {
        const challenge = await factor.challengeOf(proof);
        if (challenge) return challenge;
      }
      const { user } = proof;
      const session = newSession(proof, caller);
      const detail = { session: session.id };
      const isStarted = await store.start(session, proof, {
        newNetwork: eventOf(caller, user.id, 'new_network', { detail }),
        eviction: eventOf(caller, user.id, 'session_evict'),
      });
      if (!isStarted) return undefined;
      return { user, ...(await issuer.tokensOf(session, 0)) };
    },
  };
}

/** True if a sign-in has started a session. */
export const isLogin = (outcome: Login | Challenge): outcome is Login => 'accessToken' in outcome;
