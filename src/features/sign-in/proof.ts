import type { Claims, Condition, OnlyIf } from '../../core/db/change.ts';
import type { AuditEvent } from '../audit/event.ts';
import type { DeviceToken } from '../devices/token.ts';
import type { User } from '../users/user.ts';

/**
 * Proves that the caller is the user. Every login method produces a proof. Today these are passwords; codes, passkeys
 * and identity providers fit the same interface.
 */
export interface Proof {
  /** How a proof from a network and a device that are new to the account is reported; not at all if undefined. */
  readonly newLogin?: NewLogin;
  readonly user: User;
  /** The login method as the session shows it, such as `password`. */
  readonly method: string;
  /** The device token that the caller presented. It proves nothing; the login renews it. */
  readonly device?: DeviceToken | undefined;
  /**
   * Each claim changes and returns a row only if its part of the proof is still valid when the session starts: the
   * stored hash is the one that was verified, the code is consumed, the counter is advanced. A claim after the first
   * takes effect only if the previous one did, and the session starts only if the last one did. For a proof of two
   * steps, the first claim checks that the first step is still valid, and the second consumes the code of the second
   * step.
   */
  readonly claims: Claims;
  /** The event that records the new session, or the re-authentication in a session. */
  readonly event: (sessionId: string) => AuditEvent;
  /**
   * Further statements that run only if the session starts, or the re-authentication succeeds. `isStarted` is true once
   * it has.
   */
  readonly consequences?: (sessionId: string, isStarted: Condition) => readonly OnlyIf[];
}

/** What a login or a re-authentication knows of the account, for the notice of a new network and device. */
export interface NewLogin {
  /** The language of the account; null for English. */
  readonly locale: string | null;
  /** True if the account has logged in from the network: no notice is due. */
  readonly isKnownNetwork?: boolean;
  /** True if the caller presented the token of a device that the account has logged in on: no notice is due. */
  readonly isKnownDevice?: boolean;
}

/** A second proof that is required before the session starts. */
export interface Challenge {
  /** Identifies the challenge. The client sends it with its answer. */
  readonly challenge: string;
  /** The methods that can answer the challenge, such as `totp`. */
  readonly methods: readonly string[];
}

/** Decides whether a second proof is required. */
export interface SecondFactor {
  /**
   * Returns `undefined` if the proof is enough: the account has no second factor, or `proof.method` shows that the
   * proof already contains it.
   */
  challengeOf(proof: Proof): Promise<Challenge | undefined>;
}
