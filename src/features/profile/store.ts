import { and, eq, inArray } from 'drizzle-orm';
import { change } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged } from '../audit/statements.ts';
import type { SessionStore } from '../sessions/store.ts';
import { areFieldsSmall, changedValues, patchValues } from '../users/statements.ts';
import { userColumns } from '../users/store.ts';
import type { ProfilePatch, User } from '../users/user.ts';

export interface ProfileStore {
  /**
   * Changes a profile in one guarded UPDATE and records the event, in one batch. Returns `undefined` if the session has
   * ended, the user is deleted or disabled, the version is not among `versions`, or the own fields would be too large.
   *
   * @param versions the versions that may be changed; any if `undefined`
   */
  update(
    owner: { readonly id: number; readonly sessionId: string },
    patch: ProfilePatch,
    versions: readonly number[] | undefined,
    event: AuditEvent,
  ): Promise<User | undefined>;
}

export interface ProfileStoreParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy'>;
}

export const createProfileStore = ({ db, clock, sessions }: ProfileStoreParts): ProfileStore => ({
  async update({ id, sessionId }, patch, versions, event) {
    const [user] = await change(db, {
      claim: db
        .update(users)
        .set({
          ...patchValues(patch),
          ...changedValues(clock()),
        })
        .where(
          and(
            eq(users.id, id),
            versions && inArray(users.version, [...versions]),
            areFieldsSmall(patch.fields),
            sessions.isLoggedInBy(sessionId),
          ),
        )
        .returning(userColumns),
      ifChanged: [recordEventIfChanged(db, id, event)],
    });
    return user;
  },
});
