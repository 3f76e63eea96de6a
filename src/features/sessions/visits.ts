import { eventsAt, type RequestOrigin } from '../audit/event.ts';
import { describeError } from '../../core/db/database.ts';
import type { Deps } from '../../deps.ts';
import { networkOf } from '../../core/network.ts';
import type { LiveSession } from './session.ts';

/** Notes where sessions are used from. */
export interface Visits {
  /** Notes a use, and its network. */
  touch(session: LiveSession, userId: number, origin: RequestOrigin): Promise<void>;
  /** Notes that a session is used from another network than before. */
  move(sessionId: string, userId: number, origin: RequestOrigin): Promise<void>;
}

/** What cannot be noted is no reason to refuse: reads go on while the database takes no writes. */
export function createVisits({
  sessions,
  log,
  clock,
}: Pick<Deps, 'sessions' | 'log' | 'clock'>): Visits {
  const eventOf = eventsAt(clock);

  const newNetwork = (sessionId: string, userId: number, origin: RequestOrigin) =>
    eventOf(origin, userId, 'new_network', { detail: { session: sessionId } });

  async function noted(writing: Promise<void>): Promise<void> {
    try {
      await writing;
    } catch (error) {
      log.warn('last_use_not_noted', { error: describeError(error) });
    }
  }

  return {
    touch(session, userId, origin) {
      const network = origin.address === null ? undefined : networkOf(origin.address);
      const event = newNetwork(session.id, userId, origin);
      return noted(sessions.touch(session, { userId, network, event }));
    },

    move(sessionId, userId, origin) {
      const network = networkOf(origin.address ?? '');
      const event = newNetwork(sessionId, userId, origin);
      return noted(sessions.move(sessionId, { userId, network, event }));
    },
  };
}
