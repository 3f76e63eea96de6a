import { and, eq, isNull } from 'drizzle-orm';
import { avatars } from '../../core/db/account-schema.ts';
import type { Condition } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';

/**
 * Gives up the picture that an account shows, if the condition holds: its file is deleted from now on. Pictures that are
 * being uploaded keep their hour, since their files may not be stored yet.
 *
 * @param now milliseconds since 1970
 */
export const releaseAvatar = (db: Database, userId: number, now: number, condition: Condition) =>
  db
    .update(avatars)
    .set({ removeAt: now })
    .where(and(eq(avatars.userId, userId), isNull(avatars.removeAt), condition));
