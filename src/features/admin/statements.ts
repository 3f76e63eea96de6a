import { and, eq, or, type SQL, sql } from 'drizzle-orm';
import {
  knownDevices,
  loginFailures,
  reservedAddresses,
  userRoles,
} from '../../core/db/account-schema.ts';
import type { Condition, OnlyIf, Statement } from '../../core/db/change.ts';
import { onlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { auditEvents, codes, users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventWhere } from '../audit/statements.ts';
import { NO_CODE_FAILURES } from '../codes/statements.ts';
import { NO_FAILURES } from '../passwords/lockout.ts';
import type { Identifier } from '../users/identifier.ts';
import { patchedFields } from '../users/statements.ts';
import { type AccountPatch, PATCHED } from './account.ts';

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

/** The roles of an account and these: a JSON array, as the statement finds it. @param roles a JSON array */
export const rolesWith = (id: number, roles: string): SQL =>
  sql`(select json_group_array(role) from (select held.role as role from ${userRoles} as held where held.user_id = ${id} union select value from json_each(${roles})))`;

/** The roles of an account without these, in the same way. */
export const rolesWithout = (id: number, roles: string): SQL =>
  sql`(select json_group_array(held.role) from ${userRoles} as held where held.user_id = ${id} and held.role not in (select value from json_each(${roles})))`;

/** The roles of an account that a change to `wanted` (a JSON array) grants and revokes, as the statement finds them. */
export function roleChange(id: number, wanted: string | SQL) {
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
  wanted: string | SQL,
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
export const addRoles = (
  db: Database,
  id: SQL,
  roles: string | SQL,
  now: number,
  condition: Condition,
) =>
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

const NONE = { ...NO_FAILURES, ...NO_CODE_FAILURES };

/** True if wrong passwords or codes are counted against the account in the `users` row. */
export const hasFailures = (id: number): Condition =>
  sql`(${sql.join(
    Object.entries(NONE).map(
      ([name, none]) => sql`${users[name as keyof typeof NONE]} is not ${none}`,
    ),
    sql` or `,
  )} or exists (select 1 from ${loginFailures} where ${loginFailures.userId} = ${id}) or exists (select 1 from ${knownDevices} where ${knownDevices.userId} = ${id} and ${knownDevices.failures} > 0))`;

/** True if a patch changes the account in the `users` row. */
export const isChangedBy = (patch: AccountPatch): SQL | undefined =>
  or(
    ...PATCHED.flatMap((field) => {
      if (patch[field] === undefined) return [];
      const value = field === 'fields' ? patchedFields(patch.fields ?? null) : sql`${patch[field]}`;
      return sql`${users[field]} is not ${value}`;
    }),
  );

/** True if an account has no address. */
export const isUnreachable = (id: number): Condition =>
  sql`exists (select 1 from ${users} where ${users.id} = ${id} and coalesce(${users.emailNormalized}, ${users.phoneNormalized}) is null)`;
