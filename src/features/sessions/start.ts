import { and, desc, eq, ne, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
import { sessions } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged, recordEventOfSessions } from '../audit/statements.ts';
import { noteNetwork } from '../networks/statements.ts';
import { forgetFailures } from '../passwords/lockout.ts';
import type { Session } from './session.ts';

/** What is recorded of a session that starts. */
export interface StartEvents {
  /** What the session starts by: a login, a change of the password. */
  readonly start: AuditEvent;
  /** Recorded where its network is new to the account. */
  readonly newNetwork: AuditEvent;
}

/** How many sessions a user may have, and which of them live. */
interface SessionLimit {
  readonly maxPerUser: number;
  readonly isLive: SQL | undefined;
}

/**
 * The statements that start a session where the statement before them, the claim, has changed a row. The first
 * returns a row if so.
 */
export function startSession(db: Database, session: Session, events: StartEvents) {
  const { userId, createdAt: now, lastNetwork: network } = session;
  const condition = isStarted(session);
  const visit = { userId, now, isLogin: true, condition, event: events.newNetwork } as const;
  return [
    db
      .insert(sessions)
      .select(sql`select ${rowOf(session)} where changes() > 0`)
      .returning({ id: sessions.id }),
    recordEventIfChanged(db, userId, events.start),
    forgetFailures(db, userId, condition),
    ...(network === null ? [] : noteNetwork(db, { ...visit, network })),
  ] as const;
}

/** The statements that end the user's oldest sessions above the limit, behind those of {@link startSession}. */
export function evictOldest(
  db: Database,
  session: Session,
  event: AuditEvent,
  { maxPerUser, isLive }: SessionLimit,
) {
  const ofUser = and(eq(sessions.userId, session.userId), isStarted(session));
  const kept = db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.userId, session.userId), isLive))
    // The new one first, also where it does not look newest: the clock of another server may be ahead.
    .orderBy(sql`${sessions.id} = ${session.id} desc`, desc(sessions.createdAt), sql`rowid desc`)
    .limit(maxPerUser);
  const isOver = and(ofUser, sql`${sessions.id} not in ${kept}`);
  return [
    recordEventOfSessions(db, event, and(isOver, isLive)),
    db.delete(sessions).where(isOver),
  ] as const;
}

/** The statement that ends all sessions of the user but this new one, behind those of {@link startSession}. */
export const endOthers = (db: Database, session: Session) =>
  db
    .delete(sessions)
    .where(
      and(eq(sessions.userId, session.userId), ne(sessions.id, session.id), isStarted(session)),
    );

/** Under a name of its own, since it stands in statements about sessions too. */
const isStarted = ({ id }: Pick<Session, 'id'>): SQL =>
  sql`exists (select 1 from ${sessions} as started where started.id = ${id})`;

/** The columns of `sessions` in their order. */
function rowOf(session: Session): SQL {
  const { id, userId, createdAt, lastUsedAt, expiresAt, method } = session;
  const { userAgent, address, lastNetwork } = session;
  const [refreshCount, rotatedAt] = [0, createdAt];
  const values = [id, userId, refreshCount, rotatedAt, createdAt, lastUsedAt, expiresAt, method];
  const [refreshHits, refreshResetsAt] = [0, 0];
  return sql.join(
    [...values, userAgent, address, lastNetwork, refreshHits, refreshResetsAt].map(
      (value) => sql`${value}`,
    ),
    sql`, `,
  );
}
