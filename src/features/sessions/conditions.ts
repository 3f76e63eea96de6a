import type { SessionLifetime } from '../../config/bounds.ts';
import type { Condition } from '../../core/db/change.ts';
import { FRESH_MS } from './session.ts';
import { isFreshlyLoggedInAdmin, isFreshlyLoggedInBy, isLoggedInBy } from './statements.ts';

/** What statements of other features ask of the session of their caller. */
export interface SessionConditions {
  /**
   * True for a row of `users` that is not disabled and owns this live session. For statements of other features. A
   * change that follows a slow step (reading the body, waiting for a hash) needs this condition, because the session
   * may have ended after the guard read it.
   */
  isLoggedInBy(sessionId: string): Condition;
  /** The same, if the user has authenticated in the session within {@link FRESH_MS}: for operations behind `fresh`. */
  isFreshlyLoggedInBy(sessionId: string): Condition;
  /** True while the session is live and fresh and belongs to an enabled administrator: for operations behind `admin`. */
  isFreshlyLoggedInAdmin(session: { readonly id: string; readonly userId: number }): Condition;
}

interface SessionConditionOptions {
  readonly lifetime: Pick<SessionLifetime, 'idle'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export const createSessionConditions = ({
  lifetime,
  clock,
}: SessionConditionOptions): SessionConditions => ({
  isLoggedInBy(sessionId) {
    const now = clock();
    return isLoggedInBy(sessionId, now, now - lifetime.idle);
  },

  isFreshlyLoggedInBy(sessionId) {
    const now = clock();
    return isFreshlyLoggedInBy(sessionId, now, now - lifetime.idle, now - FRESH_MS);
  },

  isFreshlyLoggedInAdmin(session) {
    const now = clock();
    return isFreshlyLoggedInAdmin(session, now, now - lifetime.idle, now - FRESH_MS);
  },
});
