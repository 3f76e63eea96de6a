import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import { eventsAt } from '../audit/event.ts';
import type { UserStore } from '../users/store.ts';
import type { ProfilePatch, User } from '../users/user.ts';

export interface ProfileService {
  /**
   * Changes the caller's profile and returns the changed user. An empty patch changes nothing, not even the version.
   *
   * @param versions the versions that may be changed; any if `undefined`
   * @throws AppError `precondition_failed`, or `invalid_token` if the user no longer exists
   */
  update(
    user: User,
    patch: ProfilePatch,
    versions: readonly number[] | undefined,
    caller: Caller,
  ): Promise<User>;
}

export interface ProfileParts {
  readonly users: Pick<UserStore, 'findById' | 'updateProfile'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

export function createProfileService({ users, clock }: ProfileParts): ProfileService {
  const eventOf = eventsAt(clock);

  return {
    async update(user, patch, versions, caller) {
      if (versions && versions.length === 0) throw new AppError('precondition_failed');
      if (Object.keys(patch).length === 0) {
        if (versions && !versions.includes(user.version)) throw new AppError('precondition_failed');
        return user;
      }
      const detail = { fields: Object.keys(patch) };
      const event = eventOf(caller, user.id, 'profile_update', { detail });
      const updated = await users.updateProfile(user.id, patch, versions, event);
      if (updated) return updated;
      const isStale = versions !== undefined && (await users.findById(user.id)) !== undefined;
      throw new AppError(isStale ? 'precondition_failed' : 'invalid_token');
    },
  };
}
