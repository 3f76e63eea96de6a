import { and, type Column, eq, type SQL, sql } from 'drizzle-orm';
import { type Condition, ifChanged } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { auditEvents, refusedLogins, sessions, users } from '../../core/db/schema.ts';
import type { AuditEvent } from './event.ts';

/** True for an event that an administrator, or an operator of the program, has caused to the account of another. */
const isByAdministrator = sql`(coalesce(${auditEvents.actorId} <> ${auditEvents.subjectId}, false) or json_extract(${auditEvents.detail}, '$.operator') is not null)`;

/** The address and the user agent of an administrator are not for the owner of the account. */
const ownOnly = <Value>(column: Column) =>
  sql<Value>`case when ${isByAdministrator} then null else ${column} end`;

/** The columns of an event that the owner of the account may see. */
export const eventColumns = {
  id: auditEvents.id,
  at: auditEvents.at,
  action: auditEvents.action,
  outcome: auditEvents.outcome,
  address: ownOnly<string | null>(auditEvents.address).as('shown_address'),
  userAgent: ownOnly<string | null>(auditEvents.userAgent).as('shown_agent'),
  requestId: auditEvents.requestId,
  detail: sql<string>`json_remove(${auditEvents.detail}, '$.operator')`.as('shown_detail'),
  isByAdministrator: sql<number>`${isByAdministrator}`.as('is_by_administrator'),
};

/** Records an event if the previous statement of the batch changed a row. */
export const recordEventIfChanged = (
  db: Database,
  subjectId: number | typeof INSERTED_ROW,
  event: AuditEvent,
) => {
  const subject = subjectId === INSERTED_ROW ? sql`last_insert_rowid()` : sql`${subjectId}`;
  return ifChanged((hasChanged) =>
    db.insert(auditEvents).select(sql`select ${rowOf(event, subject)} where ${hasChanged}`),
  );
};

/** Records an event that concerns no single account. */
export const recordEvent = (db: Database, event: AuditEvent) =>
  db
    .insert(auditEvents)
    .select(sql`select ${rowOf(event, sql`null`)} where not ${isRecordedAnywhere(event)}`);

/** True if the event is recorded. Other requests have other ids. */
const isRecordedAnywhere = ({ requestId, action, outcome, at }: AuditEvent): Condition =>
  sql`exists (select 1 from ${auditEvents} where ${auditEvents.action} = ${action} and ${auditEvents.outcome} = ${outcome} and ${auditEvents.at} = ${at} and ${auditEvents.requestId} = ${requestId})`;

/**
 * Records an event if the condition holds when the statement runs.
 *
 * @param subjectId null for an event that concerns no account in particular
 * @param detail replaces that of the event: JSON that the statement computes
 */
export const recordEventWhere = (
  db: Database,
  subjectId: number | null,
  event: AuditEvent,
  condition: SQL,
  detail?: SQL,
) =>
  db
    .insert(auditEvents)
    .select(sql`select ${rowOf(event, sql`${subjectId}`, detail)} where ${condition}`);

/** Records an event for each user that meets the condition, if the previous statement changed a row. */
export const recordEventOfUsers = (db: Database, event: AuditEvent, condition: SQL | undefined) =>
  ifChanged((hasChanged) =>
    db
      .insert(auditEvents)
      .select(
        sql`select ${rowOf(event, sql`${users.id}`)} from ${users} where ${hasChanged} and ${condition}`,
      )
      .returning({ id: auditEvents.id }),
  );

/** Records an event if the previous statement changed a row and the condition holds for the user. */
export const recordEventOfUser = (
  db: Database,
  userId: number,
  event: AuditEvent,
  condition: SQL,
) => recordEventOfUsers(db, event, and(eq(users.id, userId), condition));

/** More events than one batch records for a user. */
const MAX_EVENTS_OF_BATCH = 8;

/**
 * True if an earlier statement of the same batch has recorded the event: no other request has its id. Looks only at the
 * newest events of the user, of which an account may have many.
 */
export const isRecorded = (
  userId: number | SQL,
  { requestId, action, outcome }: AuditEvent,
): Condition =>
  sql`exists (select 1 from (select request_id, action, outcome from ${auditEvents} where ${auditEvents.subjectId} = ${userId} order by ${auditEvents.id} desc limit ${MAX_EVENTS_OF_BATCH}) where request_id = ${requestId} and action = ${action} and outcome = ${outcome})`;

/**
 * Records an event for each session that meets the condition. The user of the session is the subject of the event; the
 * id of the session is its detail.
 */
export const recordEventOfSessions = (
  db: Database,
  event: AuditEvent,
  condition: SQL | undefined,
) => {
  const detail = sql`json_object('session', ${sessions.id})`;
  return db
    .insert(auditEvents)
    .select(
      sql`select ${rowOf(event, sql`${sessions.userId}`, detail)} from ${sessions} where ${condition}`,
    );
};

/** A placeholder for the id of the row that the previous statement inserted. */
export const INSERTED_ROW = Symbol('inserted row');

/** The values of an `audit_events` row, in column order. The database assigns the id. */
function rowOf(event: AuditEvent, subjectId: SQL, detail = jsonOf(event)): SQL {
  const { at, actorId, action, outcome, address, userAgent, requestId } = event;
  const values = [at, actorId, subjectId, action, outcome, address, userAgent, requestId];
  return sql`null, ${sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  )}, ${detail}`;
}

const jsonOf = ({ detail = {} }: AuditEvent): SQL => sql`${JSON.stringify(detail)}`;

const HOUR_MS = 3_600_000;

/**
 * Counts a rejected login per network and hour.
 *
 * @param now milliseconds since 1970
 */
export const countRefusal = (db: Database, network: string, now: number) =>
  db
    .insert(refusedLogins)
    .values({ hour: now - (now % HOUR_MS), network, count: 1 })
    .onConflictDoUpdate({
      target: [refusedLogins.hour, refusedLogins.network],
      set: { count: sql`${refusedLogins.count} + 1` },
    });
