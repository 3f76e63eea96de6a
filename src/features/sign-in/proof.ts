import type { Claim, Condition, Statement } from '../../core/db/change.ts';
import type { AuditEvent } from '../audit/event.ts';
import type { User } from '../users/user.ts';

/**
 * Proves that the caller is the user. Every login method produces one: passwords today; codes, passkeys and
 * identity providers fit the same interface.
 */
export interface Proof {
  readonly user: User;
  /** The login method as the session shows it, such as `password`. */
  readonly method: string;
  /**
   * Changes and returns a row only if the proof is still valid when the session starts: the stored hash is the one
   * that was verified, the code is consumed, the counter is advanced.
   */
  readonly claim: Claim;
  /** The event that records the new session. */
  readonly event: (sessionId: string) => AuditEvent;
  /** Further statements, to run only if the session starts. `isStarted` is true once it has. */
  readonly consequences?: (sessionId: string, isStarted: Condition) => readonly Statement[];
}

/** A second proof that is required before the session starts. */
export interface Challenge {
  /** Returned by the client with its answer. */
  readonly challenge: string;
  /** The methods that can answer it, such as `totp`. */
  readonly methods: readonly string[];
}

/** Decides whether a second proof is required. */
export interface SecondFactor {
  /** Returns `undefined` if the first proof suffices. */
  challengeOf(proof: Proof): Promise<Challenge | undefined>;
}
