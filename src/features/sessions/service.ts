import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import { eventsAt } from '../audit/event.ts';
import type { Session } from './session.ts';
import type { SessionStore } from './store.ts';

export interface SessionService {
  list(userId: number): Promise<Session[]>;
  /** @throws AppError `not_found` for an id that is not one of the user's */
  end(id: string, userId: number, caller: Caller): Promise<void>;
  /** Ends the user's sessions, all or all but one. */
  endAll(userId: number, except: string | undefined, caller: Caller): Promise<void>;
}

interface SessionParts {
  readonly sessions: SessionStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export function createSessionService({ sessions, clock }: SessionParts): SessionService {
  const eventOf = eventsAt(clock);

  return {
    list: (userId) => sessions.list(userId),

    async end(id, userId, caller) {
      const isEnded = await sessions.end(
        id,
        userId,
        eventOf(caller, userId, 'session_revoke', { detail: { session: id } }),
      );
      if (!isEnded) throw new AppError('not_found');
    },

    endAll: (userId, except, caller) =>
      sessions.endAll(
        userId,
        except,
        eventOf(caller, userId, 'session_revoke', {
          detail: { sessions: except === undefined ? 'all' : 'others' },
        }),
      ),
  };
}
