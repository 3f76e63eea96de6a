import type { Config } from '../../config/config.ts';
import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import { eventsAt } from '../audit/event.ts';
import type { LiveSession } from '../sessions/session.ts';
import type { SessionStore } from '../sessions/store.ts';
import { createOwnFields, tooLarge } from '../users/own-fields.ts';
import { apiName, type ProfilePatch, type User } from '../users/user.ts';
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
   * @throws AppError `precondition_failed`; `validation_failed` for own fields; `invalid_token` if, after the guard ran, the session has ended or the user
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
  readonly config: Pick<Config, 'profileFields'>;
  readonly sessions: Pick<SessionStore, 'findLive' | 'isLoggedInBy'>;
}

export function createProfileService(parts: ProfileParts): ProfileService {
  const { config, sessions, clock } = parts;
  const ownFields = createOwnFields(config.profileFields);
  const profiles = createProfileStore(parts);
  const eventOf = eventsAt(clock);

  return {
    async update({ user, session }, patch, versions, caller) {
      if (versions && versions.length === 0) throw new AppError('precondition_failed');
      if (Object.keys(patch).length === 0) {
        if (versions && !versions.includes(user.version)) throw new AppError('precondition_failed');
        return user;
      }
      const { fields } = patch;
      if (fields !== undefined) ownFields.check(fields, user.fields);
      const detail = { fields: Object.keys(patch).map(apiName) };
      const event = eventOf(caller, user.id, 'profile_update', { detail });
      const owner = { id: user.id, sessionId: session.id };
      const updated = await profiles.update(owner, patch, versions, event);
      if (updated) return updated;
      const live = await sessions.findLive(session.id, user.id);
      if (!live) throw new AppError('invalid_token');
      if (versions && !versions.includes(live.user.version)) {
        throw new AppError('precondition_failed');
      }
      throw fields ? tooLarge() : new AppError('invalid_token');
    },
  };
}
