import { and, eq, type SQL, sql } from 'drizzle-orm';
import { reservedAddresses, userRoles } from '../../core/db/account-schema.ts';
import type { Condition, OnlyIf, Statement } from '../../core/db/change.ts';
import { onlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { auditEvents, codes, users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventWhere } from '../audit/statements.ts';
import type { Identifier } from '../users/identifier.ts';
import { addressColumns } from '../users/statements.ts';

/**
 * Records an action on an account: the claim of its batch. All other statements of the batch have an effect only if it
 * is recorded.
 *
 * @param condition must hold for the row of `users`
 * @param detail replaces that of the event
 */
export const recordAction = (
  db: Database,
  id: number,
  event: AuditEvent,
  condition: Condition,
  detail?: SQL,
) => {
  const isMet = sql`exists (select 1 from ${users} where ${users.id} = ${id} and ${condition})`;
  return recordEventWhere(db, id, event, isMet, detail).returning({ id: auditEvents.id });
};

/** The roles of an account that a change to `wanted` (a JSON array) grants and revokes, as the statement finds them. */
export function roleChange(id: number, wanted: string) {
  const held = sql`select held.role from ${userRoles} as held where held.user_id = ${id}`;
  const granted = sql`select value as role from json_each(${wanted}) where value not in (${held})`;
  const revoked = sql`${held} and held.role not in (select value from json_each(${wanted}))`;
  // A subquery returns its JSON as a text.
  const list = (roles: SQL) =>
    sql`json((select json_group_array(role) from (${roles} order by role)))`;
  return {
    isChange: sql`(exists (${granted}) or exists (${revoked}))`,
    /** The detail of the event with both lists. */
    detailOf: ({ detail = {} }: AuditEvent) =>
      sql`json_set(${JSON.stringify(detail)}, '$.granted', ${list(granted)}, '$.revoked', ${list(revoked)})`,
  };
}

/** Gives an account exactly these roles, if the condition holds. @param wanted a JSON array */
export const replaceRoles = (
  db: Database,
  id: number,
  wanted: string,
  now: number,
  condition: Condition,
): readonly Statement[] => [
  db
    .delete(userRoles)
    .where(
      and(
        eq(userRoles.userId, id),
        sql`${userRoles.role} not in (select value from json_each(${wanted}))`,
        condition,
      ),
    ),
  addRoles(db, sql`${id}`, wanted, now, condition),
];

/** Gives an account these roles too, if the condition holds. @param roles a JSON array */
export const addRoles = (db: Database, id: SQL, roles: string, now: number, condition: Condition) =>
  db
    .insert(userRoles)
    .select(sql`select ${id}, value, ${now} from json_each(${roles}) where ${condition}`)
    .onConflictDoNothing();

/** Deletes all links, codes and reservations of one kind of address of an account, if the condition holds. */
export const endAddresses = (
  db: Database,
  id: number,
  channel: Identifier['kind'],
  condition: Condition,
): readonly OnlyIf[] => [
  onlyIf(condition, (holds) =>
    db.delete(codes).where(and(eq(codes.userId, id), eq(codes.channel, channel), holds)),
  ),
  onlyIf(condition, (holds) =>
    db
      .delete(reservedAddresses)
      .where(and(eq(reservedAddresses.userId, id), eq(reservedAddresses.channel, channel), holds)),
  ),
];

/** The id of the account with an address, as the statement finds it. */
export const holderOf = ({ kind, normalized }: Identifier): SQL =>
  sql`(select ${users.id} from ${users} where ${addressColumns(kind).normalized} = ${normalized})`;
