import { and, eq, inArray, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Condition } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import type { IndexRange } from '../../core/db/index-range.ts';
import { auditEvents } from '../../core/db/schema.ts';
import { OUTCOMES } from '../audit/event.ts';
import { type List, readPage } from './page.ts';
import type { AuditEntry, AuditQuery, AuditRecord } from './record.ts';

const detailSchema = z.record(z.string(), z.unknown());

export const createAuditRecord = ({ db }: { readonly db: Database }): AuditRecord => ({
  list: ({ cursor, limit, ...query }) =>
    readPage(db, listOf(query), { cursor, limit }, async (ids) => {
      // All columns: what is kept from the owner of an account is for administrators.
      const rows = await db.select().from(auditEvents).where(inArray(auditEvents.id, ids));
      return new Map(
        rows.map((row): [number, AuditEntry] => [
          row.id,
          { ...row, detail: detailSchema.parse(JSON.parse(row.detail)) },
        ]),
      );
    }),
});

type Filters = Pick<AuditQuery, 'subject' | 'actor' | 'action' | 'outcome'>;

/** Chooses the ranges; filters that they do not contain are conditions of each row. */
function listOf({ subject, actor, action, outcome }: Filters): List {
  const { id, at, subjectId } = auditEvents;
  const isOfAction = action === undefined ? undefined : eq(auditEvents.action, action);
  const isOfOutcome = outcome && eq(auditEvents.outcome, outcome);
  const isByActor = actor === undefined ? undefined : actsOf(actor);
  if (subject !== undefined) {
    const matches = and(isByActor, isOfAction, isOfOutcome);
    return { name: 'subject', ranges: [newest(id, eq(subjectId, subject), matches)] };
  }
  if (isByActor) {
    return { name: 'actor', ranges: [newest(id, isByActor, and(isOfAction, isOfOutcome))] };
  }
  if (isOfAction) {
    const outcomes = outcome ? [outcome] : OUTCOMES;
    const ranges = outcomes.map((one) => newest(at, and(isOfAction, eq(auditEvents.outcome, one))));
    return { name: 'action', ranges };
  }
  return { name: 'time', ranges: [newest(at, undefined, isOfOutcome)] };
}

/** What an account has done to others. */
const actsOf = (actor: number): Condition =>
  sql`${auditEvents.actorId} = ${actor} and ${auditEvents.actorId} <> ${auditEvents.subjectId}`;

const newest = (
  key: typeof auditEvents.id | typeof auditEvents.at,
  within: Condition | undefined,
  matches?: Condition | undefined,
): IndexRange => ({
  table: auditEvents,
  key,
  id: auditEvents.id,
  order: 'desc',
  from: Number.MAX_SAFE_INTEGER,
  within,
  matches,
});
