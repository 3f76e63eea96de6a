import type { Claim, Condition, Statement } from '../../core/db/change.ts';
import type { AuditEvent } from '../audit/event.ts';
import type { User } from '../users/user.ts';

/**
 * Proves that the caller is the user. Each way to log in ends in one: a password today; a code, a passkey or
 * an identity provider work the same way.
 */
export interface Proof {
  readonly user: User;
  /** How the caller proved it, as the session shows it, such as `password`. */
  readonly method: string;
  /**
   * Changes a row only if the proof is still good when the session starts: the hash is the one that was
   * verified, the code is deleted, the counter moved on. Returns that row.
   */
  readonly claim: Claim;
  /** The event that records the new session. */
  readonly event: (sessionId: string) => AuditEvent;
  /** What else changes if the session starts. The condition is true once it has. */
  readonly consequences?: (sessionId: string, isStarted: Condition) => readonly Statement[];
}

/** A second proof that is asked of the caller before the session starts. */
export interface Challenge {
  /** What the client sends back with its answer. */
  readonly challenge: string;
  /** The ways to answer it, such as `totp`. */
  readonly methods: readonly string[];
}

/** Asks for a second proof. */
export interface SecondFactor {
  /** Returns `undefined` if the first proof suffices. */
  challengeOf(proof: Proof): Promise<Challenge | undefined>;
}
