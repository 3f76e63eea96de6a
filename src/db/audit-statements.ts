import { type SQL, sql } from 'drizzle-orm';
import type { AuditEvent } from '../audit/event.ts';
import type { Database } from './database.ts';
import { auditEvents, sessions, users } from './schema.ts';

/** A statement that records an event, to stand in one batch with the change that it tells of. */
export const recordEvent = (db: Database, subjectId: number | null, event: AuditEvent) =>
  db.insert(auditEvents).select(sql`select ${columns(event, sql`${subjectId}`)}`);

/** The same, if the statement before it in the batch has changed a row. */
export const recordEventIfChanged = (
  db: Database,
  subjectId: number | typeof INSERTED_ROW,
  event: AuditEvent,
) => {
  const subject = subjectId === INSERTED_ROW ? sql`last_insert_rowid()` : sql`${subjectId}`;
  return db.insert(auditEvents).select(sql`select ${columns(event, subject)} where changes() > 0`);
};

/** The same, if the statement before it has locked the account of the user. */
export const recordEventIfLocked = (db: Database, userId: number | null, event: AuditEvent) =>
  db
    .insert(auditEvents)
    .select(
      sql`select ${columns(event, sql`${userId}`)} where changes() > 0 and exists (select 1 from ${users} where ${users.id} = ${userId} and ${users.lockedUntil} > ${event.at})`,
    );

/** The same, if there is a session like this one; its user is the subject. */
export const recordEventOfSession = (db: Database, event: AuditEvent, which: SQL | undefined) =>
  db
    .insert(auditEvents)
    .select(sql`select ${columns(event, sql`${sessions.userId}`)} from ${sessions} where ${which}`);

/** Stands for the id that the statement before has given. */
export const INSERTED_ROW = Symbol('inserted row');

/** The columns of `audit_events` in their order; the id is given by the database. */
function columns(event: AuditEvent, subjectId: SQL): SQL {
  const { at, actorId, action, outcome, address, userAgent, requestId, detail = {} } = event;
  const values = [at, actorId, subjectId, action, outcome, address, userAgent, requestId];
  return sql`null, ${sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  )}, ${JSON.stringify(detail)}`;
}
