import { eventsAt, type RequestOrigin } from '../audit/event.ts';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../core/errors.ts';
import type { Session } from './session.ts';

export interface SessionService {
  list(userId: number): Promise<Session[]>;
  /** @throws AppError `not_found` for an id that is not one of the user's */
  end(id: string, userId: number, origin: RequestOrigin): Promise<void>;
  /** Ends the user's sessions, all or all but one. */
  endAll(userId: number, except: string | undefined, origin: RequestOrigin): Promise<void>;
}

export function createSessionService({
  sessions,
  clock,
}: Pick<Deps, 'sessions' | 'clock'>): SessionService {
  const eventOf = eventsAt(clock);

  return {
    list: (userId) => sessions.list(userId),

    async end(id, userId, origin) {
      const isEnded = await sessions.end(
        id,
        userId,
        eventOf(origin, userId, 'session_revoke', { detail: { session: id } }),
      );
      if (!isEnded) throw new AppError('not_found');
    },

    endAll: (userId, except, origin) =>
      sessions.endAll(
        userId,
        except,
        eventOf(origin, userId, 'session_revoke', {
          detail: { sessions: except === undefined ? 'all' : 'others' },
        }),
      ),
  };
}
