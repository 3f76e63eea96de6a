import { and, eq, gt, type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import { prepareStatement } from './prepared-statement.ts';
import { sessions, users } from './schema.ts';

type Time = number | Placeholder;

/** Of a session: neither its end nor its time without use is over. */
export const isLiveSince = (now: Time, usedAfter: Time): SQL | undefined =>
  and(gt(sessions.expiresAt, now), gt(sessions.lastUsedAt, usedAfter));

/** Of a session. */
export const IS_USER_ENABLED = sql`exists (select 1 from ${users} where ${users.id} = ${sessions.userId} and ${users.disabledAt} is null)`;

/** What a refresh needs to know. Times are in milliseconds since 1970. */
interface RotationValues {
  readonly sessionId: string;
  /** Which refresh token of the session was given. */
  readonly count: number;
  readonly now: number;
  /** A session that was not used since has ended. */
  readonly usedAfter: number;
  /** The parent of a token that is younger than this is taken as well. */
  readonly rotatedAfter: number;
  /** A last use that was noted then or before is noted anew. */
  readonly noteBefore: number;
}

/**
 * Prepares the statement that takes a refresh token: the newest one makes way for the next, its parent
 * changes nothing while its grace lasts. It gives no row for any other.
 *
 * @param condition what must be true besides
 */
export function prepareRotation(db: Database, condition?: SQL) {
  const count = sql.placeholder('count');
  const now = sql.placeholder('now');
  const noteBefore = sql.placeholder('noteBefore');
  const isNewest = sql`${sessions.refreshCount} = ${count}`;
  const isParent = sql`${sessions.refreshCount} = ${count} + 1 and ${sessions.rotatedAt} > ${sql.placeholder('rotatedAfter')}`;
  const statement = prepareStatement(
    db
      .update(sessions)
      .set({
        refreshCount: sql`case when ${isNewest} then ${sessions.refreshCount} + 1 else ${sessions.refreshCount} end`,
        rotatedAt: sql`case when ${isNewest} then ${now} else ${sessions.rotatedAt} end`,
        lastUsedAt: sql`case when ${sessions.lastUsedAt} <= ${noteBefore} then ${now} else ${sessions.lastUsedAt} end`,
      })
      .where(
        and(
          eq(sessions.id, sql.placeholder('sessionId')),
          isLiveSince(now, sql.placeholder('usedAfter')),
          sql`(${isNewest} or (${isParent}))`,
          IS_USER_ENABLED,
          condition,
        ),
      )
      .returning({
        userId: sessions.userId,
        count: sessions.refreshCount,
        expiresAt: sessions.expiresAt,
      }),
  );
  return (values: RotationValues) => statement({ ...values });
}
