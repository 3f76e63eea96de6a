import type { Caller } from '../../core/caller.ts';
import { describeError } from '../../core/db/database.ts';
import type { Logger } from '../../core/log.ts';
import { eventsAt } from '../audit/event.ts';
import type { LiveSession } from './session.ts';
import type { SessionStore } from './store.ts';

/** Notes where sessions are used from. */
export interface Visits {
  /** Notes a use, and its network. */
  touch(session: LiveSession, userId: number, caller: Caller): Promise<void>;
  /** Notes that a session is used from another network than before. */
  move(sessionId: string, userId: number, caller: Caller): Promise<void>;
}

export interface VisitParts {
  readonly sessions: Pick<SessionStore, 'touch' | 'move'>;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** What cannot be noted is no reason to refuse: reads go on while the database takes no writes. */
export function createVisits({ sessions, log, clock }: VisitParts): Visits {
  const eventOf = eventsAt(clock);

  const newNetwork = (sessionId: string, userId: number, caller: Caller) =>
    eventOf(caller, userId, 'new_network', { detail: { session: sessionId } });

  async function noted(writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      log.warn('last_use_not_noted', { error: describeError(error) });
    }
  }

  return {
    touch(session, userId, caller) {
      const network = caller.network ?? undefined;
      const event = newNetwork(session.id, userId, caller);
      return noted(sessions.touch(session, { userId, network, event }));
    },

    move(sessionId, userId, caller) {
      const network = caller.network ?? '';
      const event = newNetwork(sessionId, userId, caller);
      return noted(sessions.move(sessionId, { userId, network, event }));
    },
  };
}
