import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import { eventsAt } from '../audit/event.ts';
import type { LiveSession } from '../sessions/session.ts';
import type { SessionStore } from '../sessions/store.ts';
import type { ProfilePatch, User } from '../users/user.ts';
import { createProfileStore, type ProfileStoreParts } from './store.ts';

/** The user and the session that the guard has read. */
interface LoggedIn {
  readonly user: User;
  readonly session: Pick<LiveSession, 'id'>;
}

export interface ProfileService {
  /**
   * Changes the caller's profile and returns the changed user. An empty patch changes nothing, not even the version,
   * and returns the user that the guard has read.
   *
   * @param versions the versions that may be changed; any if `undefined`
   * @throws AppError `precondition_failed`; `invalid_token` if, after the guard ran, the session has ended or the user
   * was deleted or disabled
   */
  update(
    loggedIn: LoggedIn,
    patch: ProfilePatch,
    versions: readonly number[] | undefined,
    caller: Caller,
  ): Promise<User>;
}

export interface ProfileParts extends ProfileStoreParts {
  readonly sessions: Pick<SessionStore, 'findLive' | 'isLoggedInBy'>;
}

export function createProfileService(parts: ProfileParts): ProfileService {
  const { sessions, clock } = parts;
  const profiles = createProfileStore(parts);
  const eventOf = eventsAt(clock);

  return {
    async update({ user, session }, patch, versions, caller) {
      if (versions && versions.length === 0) throw new AppError('precondition_failed');
      if (Object.keys(patch).length === 0) {
        if (versions && !versions.includes(user.version)) throw new AppError('precondition_failed');
        return user;
      }
      const detail = { fields: Object.keys(patch) };
      const event = eventOf(caller, user.id, 'profile_update', { detail });
      const owner = { id: user.id, sessionId: session.id };
      const updated = await profiles.update(owner, patch, versions, event);
      if (updated) return updated;
      const isStale =
        versions !== undefined && (await sessions.findLive(session.id, user.id)) !== undefined;
      throw new AppError(isStale ? 'precondition_failed' : 'invalid_token');
    },
  };
}
