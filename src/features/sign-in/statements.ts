import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import { type Condition, ifChanged } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { sessions, users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventOfSessions } from '../audit/statements.ts';
import { rolesOf } from '../roles/statements.ts';
import type { Session } from '../sessions/session.ts';
import { authTimeColumn, IS_USER_ENABLED } from '../sessions/statements.ts';

/** Maximum number of live sessions per user, and the condition for a session to be live. */
interface SessionLimit {
  readonly maxPerUser: number;
  readonly isLive: SQL | undefined;
}

/**
 * Inserts the session and returns its id, if the previous statement changed a row. The previous statement is the last
 * claim of a proof.
 *
 * @param isAllowed must hold for the row of `users`, which must exist
 * @param isKnownDevice is returned with the id
 */
export const insertSession = (
  db: Database,
  session: Session,
  isAllowed: Condition,
  isKnownDevice: Condition,
) =>
  ifChanged((hasChanged) =>
    db
      .insert(sessions)
      .select(
        sql`select ${rowOf(session)} from ${users} where ${hasChanged} and ${users.id} = ${session.userId} and ${isAllowed}`,
      )
      .returning({
        id: sessions.id,
        isKnownDevice: asNumber(isKnownDevice),
        roles: rolesOf(sessions.userId),
      }),
  );

/** A column of a result. Wrapped, because drizzle drops the tables of the columns in it otherwise. */
const asNumber = (condition: Condition) => sql<number>`${condition}`;

/** True if the session exists. Uses an alias, because statements on `sessions` contain this condition too. */
export const isStarted = (sessionId: string): Condition =>
  sql`exists (select 1 from ${sessions} as started where started.id = ${sessionId})`;

interface Reauthentication extends Pick<SessionLimit, 'isLive'> {
  readonly id: string;
  readonly userId: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly isKnownDevice: Condition;
}

/** What the tokens of a session are issued from, beside its id and its user. */
export interface Reauthenticated extends Pick<Session, 'expiresAt' | 'authTime'> {
  /** Rotation count of its newest refresh token. */
  readonly count: number;
  /** True if the presented device token was that of a device. */
  readonly isKnownDevice: boolean;
  /** In alphabetical order. */
  readonly roles: readonly string[];
}

/**
 * Sets the authentication time of a live session of the user, who must be enabled, if the previous statement, the last
 * claim of a proof, changed a row.
 */
export const setAuthTime = (
  db: Database,
  { id, userId, now, isLive, isKnownDevice }: Reauthentication,
) =>
  ifChanged((hasChanged) =>
    db
      .update(sessions)
      .set({ authTime: now })
      .where(
        and(eq(sessions.id, id), eq(sessions.userId, userId), isLive, IS_USER_ENABLED, hasChanged),
      )
      .returning({
        count: sessions.refreshCount,
        expiresAt: sessions.expiresAt,
        authTime: authTimeColumn,
        isKnownDevice: asNumber(isKnownDevice),
        roles: rolesOf(sessions.userId),
      }),
  );

/**
 * If the new session was inserted, ends the user's oldest sessions above the limit and records each. Also deletes the
 * user's expired sessions, which `removeEnded` of the session store would delete later.
 */
export function evictOldest(
  db: Database,
  session: Session,
  event: AuditEvent,
  { maxPerUser, isLive }: SessionLimit,
) {
  const ofUser = and(eq(sessions.userId, session.userId), isStarted(session.id));
  const kept = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, session.userId), isLive))
    // Puts the new session first, even if it is not the newest by time: another server's clock may be ahead.
    .orderBy(sql`${sessions.id} = ${session.id} desc`, desc(sessions.createdAt), sql`rowid desc`)
    .limit(maxPerUser);
  const isOver = and(ofUser, sql`${sessions.id} not in ${kept}`);
  return [
    recordEventOfSessions(db, event, and(isOver, isLive)),
    db.delete(sessions).where(isOver),
  ] as const;
}

/** The values of a `sessions` row, in column order. */
function rowOf(session: Session): SQL {
  const { id, userId, createdAt, lastUsedAt, expiresAt, method } = session;
  const { userAgent, address, lastNetwork, authTime } = session;
  const [refreshCount, rotatedAt] = [0, createdAt];
  const values = [id, userId, refreshCount, rotatedAt, createdAt, lastUsedAt, expiresAt, method];
  const [refreshHits, refreshResetsAt] = [0, 0];
  return sql.join(
    [...values, userAgent, address, lastNetwork, refreshHits, refreshResetsAt, authTime].map(
      (value) => sql`${value}`,
    ),
    sql`, `,
  );
}
