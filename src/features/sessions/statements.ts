import { and, eq, gt, isNull, ne, type Placeholder, type SQL, sql } from 'drizzle-orm';
import { type Condition, onlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { prepareLookUp } from '../../core/db/look-up.ts';
import { prepareStatement } from '../../core/db/prepared-statement.ts';
import { sessions, users } from '../../core/db/schema.ts';
import type { Quota } from '../../core/quota.ts';
import { counterOf, limitValues } from '../limits/statements.ts';
import { ADMIN } from '../roles/role.ts';
import { hasRole, rolesOf } from '../roles/statements.ts';
import { userColumns } from '../users/store.ts';
import { type LiveRow, type MembershipRow, toLive, toMembership } from './live-row.ts';

type Time = number | Placeholder;

/** When the user last authenticated in a session: at its start, in rows older than the column. */
export const authTimeColumn = sql<number>`coalesce(${sessions.authTime}, ${sessions.createdAt})`;

/** The columns of a `Session`. */
export const sessionColumns = {
  id: sessions.id,
  userId: sessions.userId,
  createdAt: sessions.createdAt,
  lastUsedAt: sessions.lastUsedAt,
  expiresAt: sessions.expiresAt,
  method: sessions.method,
  userAgent: sessions.userAgent,
  address: sessions.address,
  lastNetwork: sessions.lastNetwork,
  authTime: authTimeColumn,
};

/** True for a session that expires after `now` and was last used after `usedAfter`. */
export const isLiveSince = (now: Time, usedAfter: Time): SQL | undefined =>
  and(gt(sessions.expiresAt, now), gt(sessions.lastUsedAt, usedAfter));

/** True for a session whose user exists and is not disabled. */
export const IS_USER_ENABLED = sql`exists (select 1 from ${users} where ${users.id} = ${sessions.userId} and ${users.disabledAt} is null)`;

/**
 * True for a row of `users` that is not disabled and owns this live session. Times are in milliseconds since 1970.
 *
 * @param usedAfter a session that was not used after this time has reached its idle timeout
 */
export const isLoggedInBy = (sessionId: string, now: number, usedAfter: number): Condition =>
  sql`${users.disabledAt} is null and exists (select 1 from ${sessions} where ${sessions.id} = ${sessionId} and ${sessions.userId} = ${users.id} and ${isLiveSince(now, usedAfter)})`;

/** The same, if the user has authenticated in the session at or after `since`. */
export const isFreshlyLoggedInBy = (
  sessionId: string,
  now: number,
  usedAfter: number,
  since: number,
): Condition =>
  sql`${isLoggedInBy(sessionId, now, usedAfter)} and exists (select 1 from ${sessions} where ${sessions.id} = ${sessionId} and ${authTimeColumn} >= ${since})`;

/**
 * True while a live session belongs to an enabled administrator who has authenticated in it at or after `since`. Asks
 * for no row of the statement: an administrator changes accounts of others.
 */
export const isFreshlyLoggedInAdmin = (
  { id, userId }: { readonly id: string; readonly userId: number },
  now: number,
  usedAfter: number,
  since: number,
): Condition =>
  sql`exists (select 1 from ${sessions} where ${sessions.id} = ${id} and ${sessions.userId} = ${userId} and ${isLiveSince(now, usedAfter)} and ${authTimeColumn} >= ${since} and exists (select 1 from ${users} as caller where caller.id = ${userId} and caller.disabled_at is null) and ${hasRole(userId, ADMIN)})`;

/** The parameters of a look-up. Times are in milliseconds since 1970. */
interface LiveValues {
  readonly id: string;
  readonly userId: number;
  readonly now: number;
  /** A session that was not used after this time has reached its idle timeout. */
  readonly usedAfter: number;
}

const liveColumns = { ...userColumns, lastUsedAt: sessions.lastUsedAt, authTime: authTimeColumn };

/** True for the session that {@link LiveValues} name, and its user, unless the user is disabled. */
const isNamedLive = () =>
  and(
    eq(sessions.id, sql.placeholder('id')),
    eq(sessions.userId, sql.placeholder('userId')),
    isNull(users.disabledAt),
    isLiveSince(sql.placeholder('now'), sql.placeholder('usedAfter')),
  );

/** Prepares the look-up of a live session and its user, unless the user is disabled. */
export function prepareFindLive(db: Database) {
  const find = prepareLookUp(
    db,
    db
      .select(liveColumns)
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(isNamedLive()),
  );
  return async (values: LiveValues) => {
    const row = await find({ ...values });
    // The cast is safe: the query selects the columns of `LiveRow` in this order.
    return row && toLive(row as LiveRow, values.id);
  };
}

/** Prepares the same look-up with the roles of the user, so that a role that was taken away is gone at once. */
export function prepareFindMember(db: Database) {
  const { createdAt, expiresAt, method } = sessions;
  const find = prepareLookUp(
    db,
    db
      .select({ ...liveColumns, startedAt: createdAt, expiresAt, method, roles: rolesOf(users.id) })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(isNamedLive()),
  );
  return async (values: LiveValues) => {
    const row = await find({ ...values });
    // The cast is safe: the query selects the columns of `MembershipRow` in this order.
    return row && toMembership(row as MembershipRow, values.id);
  };
}

/** The parameters of a refresh. Times are in milliseconds since 1970. */
interface RotationValues {
  readonly sessionId: string;
  /** Rotation count of the refresh token that was presented. */
  readonly count: number;
  readonly now: number;
  /** A session that was not used after this time has reached its idle timeout. */
  readonly usedAfter: number;
  /** The parent is accepted if the newest token replaced it after this time. */
  readonly rotatedAfter: number;
  /** `lastUsedAt` is updated if it is at or before this time. */
  readonly touchBefore: number;
}

/** An unlimited quota, because the statement always checks a quota. */
const UNLIMITED: Quota = { count: Number.MAX_SAFE_INTEGER, seconds: 0 };

/**
 * Prepares the statements of a refresh. `rotate` accepts the newest refresh token and rotates it. Within the grace
 * period, it accepts the parent, without a rotation. Each refresh counts against a quota on the row of the session. If
 * the quota is used up, `rotate` writes nothing and returns no row. It is one statement on one row, so concurrent
 * refreshes cannot exceed the quota.
 *
 * @param quota refreshes per session; `null` for no limit
 */
export function prepareRotation(db: Database, quota: Quota | null) {
  const count = sql.placeholder('count');
  const now = sql.placeholder('now');
  const touchBefore = sql.placeholder('touchBefore');
  const isNewest = sql`${sessions.refreshCount} = ${count}`;
  const isParent = sql`${sessions.refreshCount} = ${count} + 1 and ${sessions.rotatedAt} > ${sql.placeholder('rotatedAfter')}`;
  const isAccepted = and(
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
        lastUsedAt: sql`case when ${sessions.lastUsedAt} <= ${touchBefore} then ${now} else ${sessions.lastUsedAt} end`,
        refreshHits: counter.hits,
        refreshResetsAt: counter.resetsAt,
      })
      .where(and(isAccepted, counter.isOpen))
      .returning({
        userId: sessions.userId,
        count: sessions.refreshCount,
        expiresAt: sessions.expiresAt,
        lastNetwork: sessions.lastNetwork,
        authTime: authTimeColumn,
        roles: rolesOf(sessions.userId),
        hits: sessions.refreshHits,
        resetsAt: sessions.refreshResetsAt,
      }),
  );
  const refusal = db
    .select({ resetsAt: sessions.refreshResetsAt })
    .from(sessions)
    .where(isAccepted)
    .prepare();
  const limit = quota ?? UNLIMITED;
  return {
    rotate(values: RotationValues) {
      const { resetsAt, tooLate, most } = limitValues(limit, values.now);
      return rotation({ ...values, resetsAt, tooLate, most });
    },
    /**
     * Returns when the quota resets, if the quota is the only reason why the token is rejected; otherwise `undefined`.
     */
    async refusedUntil(values: RotationValues): Promise<number | undefined> {
      if (!quota) return undefined;
      const [row] = await refusal.execute({ ...values });
      return row?.resetsAt;
    },
  };
}

/** Ends all sessions of a user except one, if the condition holds. */
export const endOthers = (db: Database, userId: number, keptId: string, condition: Condition) =>
  onlyIf(condition, (holds) =>
    db.delete(sessions).where(and(eq(sessions.userId, userId), ne(sessions.id, keptId), holds)),
  );
