import type { Caller } from '../../core/caller.ts';
import { describeError } from '../../core/db/database.ts';
import type { Logger } from '../../core/log.ts';
import { eventsAt } from '../audit/event.ts';
import type { LiveSession } from './session.ts';
import type { SessionStore } from './store.ts';

/** Records when sessions are used, and from which networks. */
export interface Visits {
  /** Updates the last use and the network of a session. */
  touch(session: LiveSession, userId: number, caller: Caller): Promise<void>;
  /** Updates the network of a session that is used from a different one. */
  changeNetwork(sessionId: string, userId: number, caller: Caller): Promise<void>;
}

export interface VisitParts {
  readonly sessions: Pick<SessionStore, 'touch' | 'changeNetwork'>;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Creates the recorder of visits. A failed update is logged and does not fail the request, so that reads continue while
 * the database rejects writes.
 */
export function createVisits({ sessions, log, clock }: VisitParts): Visits {
  const eventOf = eventsAt(clock);

  const newNetwork = (sessionId: string, userId: number, caller: Caller) =>
    eventOf(caller, userId, 'new_network', { detail: { session: sessionId } });

  async function logFailure(update: Promise<void>): Promise<void> {
    try {
      await update;
    } catch (error) {
      log.warn('last_use_not_recorded', { error: describeError(error) });
    }
  }

  return {
    touch(session, userId, caller) {
      const network = caller.network ?? undefined;
      const event = newNetwork(session.id, userId, caller);
      return logFailure(sessions.touch(session, { userId, network, event }));
    },

    changeNetwork(sessionId, userId, caller) {
      const network = caller.network ?? '';
      const event = newNetwork(sessionId, userId, caller);
      return logFailure(sessions.changeNetwork(sessionId, { userId, network, event }));
    },
  };
}
