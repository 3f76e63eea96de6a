import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
import { auditEvents, refusedLogins, sessions, users } from '../../core/db/schema.ts';
import type { AuditEvent } from './event.ts';

/** A statement that records an event, if the statement before it in the same batch has changed a row. */
export const recordEventIfChanged = (
  db: Database,
  subjectId: number | typeof INSERTED_ROW,
  event: AuditEvent,
) => {
  const subject = subjectId === INSERTED_ROW ? sql`last_insert_rowid()` : sql`${subjectId}`;
  return db.insert(auditEvents).select(sql`select ${columns(event, subject)} where changes() > 0`);
};

/** The same, if a condition holds when the statement runs. */
export const recordEventWhere = (
  db: Database,
  subjectId: number,
  event: AuditEvent,
  condition: SQL,
) =>
  db
    .insert(auditEvents)
    .select(sql`select ${columns(event, sql`${subjectId}`)} where ${condition}`);

/** The same, if the statement before it has changed a row and the condition holds for the user. */
export const recordEventOfUser = (
  db: Database,
  userId: number,
  event: AuditEvent,
  condition: SQL,
) =>
  db
    .insert(auditEvents)
    .select(
      sql`select ${columns(event, sql`${users.id}`)} from ${users} where changes() > 0 and ${users.id} = ${userId} and ${condition}`,
    );

/** The same for each session like this one, whose user is the subject; its id goes into the detail. */
export const recordEventOfSessions = (db: Database, event: AuditEvent, which: SQL | undefined) => {
  const detail = sql`json_object('session', ${sessions.id})`;
  return db
    .insert(auditEvents)
    .select(
      sql`select ${columns(event, sql`${sessions.userId}`, detail)} from ${sessions} where ${which}`,
    );
};

/** Stands for the id that the statement before has given. */
export const INSERTED_ROW = Symbol('inserted row');

/** The columns of `audit_events` in their order; the id is given by the database. */
function columns(event: AuditEvent, subjectId: SQL, detail = jsonOf(event)): SQL {
  const { at, actorId, action, outcome, address, userAgent, requestId } = event;
  const values = [at, actorId, subjectId, action, outcome, address, userAgent, requestId];
  return sql`null, ${sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  )}, ${detail}`;
}

const jsonOf = ({ detail = {} }: AuditEvent): SQL => sql`${JSON.stringify(detail)}`;

const HOUR_MS = 3_600_000;

/** Counts a refused login by its network and hour. @param now milliseconds since 1970 */
export const countRefusal = (db: Database, network: string, now: number) =>
  db
    .insert(refusedLogins)
    .values({ hour: now - (now % HOUR_MS), network, count: 1 })
    .onConflictDoUpdate({
      target: [refusedLogins.hour, refusedLogins.network],
      set: { count: sql`${refusedLogins.count} + 1` },
    });
