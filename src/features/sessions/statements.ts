import { and, eq, gt, ne, type Placeholder, type SQL, sql } from 'drizzle-orm';
import type { Condition } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { prepareStatement } from '../../core/db/prepared-statement.ts';
import { sessions, users } from '../../core/db/schema.ts';
import type { Quota } from '../../core/quota.ts';
import { counterOf, limitValues } from '../limits/statements.ts';

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
  /** A last use that was noted then or before is updated. */
  readonly noteBefore: number;
}

/** No limit, for statements that have one. */
const UNLIMITED: Quota = { count: Number.MAX_SAFE_INTEGER, seconds: 0 };

/**
 * Prepares the statements of a refresh. One accepts a refresh token: the newest one is rotated, its
 * parent changes nothing while its grace lasts. It counts on the session itself; it returns no row, and writes
 * nothing, where its quota is used up: one statement and one row, so that of any number at once exactly the
 * quota gets through.
 *
 * @param quota how often a session may be refreshed; `null` for as often as one likes
 */
export function prepareRotation(db: Database, quota: Quota | null) {
  const count = sql.placeholder('count');
  const now = sql.placeholder('now');
  const noteBefore = sql.placeholder('noteBefore');
  const isNewest = sql`${sessions.refreshCount} = ${count}`;
  const isParent = sql`${sessions.refreshCount} = ${count} + 1 and ${sessions.rotatedAt} > ${sql.placeholder('rotatedAfter')}`;
  const isTaken = and(
    eq(sessions.id, sql.placeholder('sessionId')),
    isLiveSince(now, sql.placeholder('usedAfter')),
    sql`(${isNewest} or (${isParent}))`,
    IS_USER_ENABLED,
  );
  const counter = counterOf({ hits: sessions.refreshHits, resetsAt: sessions.refreshResetsAt });
  const rotation = prepareStatement(
    db
      .update(sessions)
      .set({
        refreshCount: sql`case when ${isNewest} then ${sessions.refreshCount} + 1 else ${sessions.refreshCount} end`,
        rotatedAt: sql`case when ${isNewest} then ${now} else ${sessions.rotatedAt} end`,
        lastUsedAt: sql`case when ${sessions.lastUsedAt} <= ${noteBefore} then ${now} else ${sessions.lastUsedAt} end`,
        refreshHits: counter.hits,
        refreshResetsAt: counter.resetsAt,
      })
      .where(and(isTaken, counter.isOpen))
      .returning({
        userId: sessions.userId,
        count: sessions.refreshCount,
        expiresAt: sessions.expiresAt,
        lastNetwork: sessions.lastNetwork,
        hits: sessions.refreshHits,
        resetsAt: sessions.refreshResetsAt,
      }),
  );
  const refusal = db
    .select({ resetsAt: sessions.refreshResetsAt })
    .from(sessions)
    .where(isTaken)
    .prepare();
  const limit = quota ?? UNLIMITED;
  return {
    rotate(values: RotationValues) {
      const { resetsAt, tooLate, most } = limitValues(limit, values.now);
      return rotation({ ...values, resetsAt, tooLate, most });
    },
    /** When a token can be taken again that could be taken but for the quota; `undefined` for others. */
    async refusedUntil(values: RotationValues): Promise<number | undefined> {
      if (!quota) return undefined;
      const [row] = await refusal.execute({ ...values });
      return row?.resetsAt;
    },
  };
}

/** Ends all sessions of a user but one, if the condition holds. */
export const endOthers = (db: Database, userId: number, keptId: string, condition: Condition) =>
  db.delete(sessions).where(and(eq(sessions.userId, userId), ne(sessions.id, keptId), condition));
