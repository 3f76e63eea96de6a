import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import { userRoles } from '../../core/db/account-schema.ts';
import type { Condition } from '../../core/db/change.ts';
import { users } from '../../core/db/schema.ts';
import type { Identifier } from '../users/identifier.ts';
import { addressColumns, otherKind } from '../users/statements.ts';
import { ADMIN } from './role.ts';

/**
 * The roles of an account, separated by spaces; null if it has none. `rolesIn` reads it.
 *
 * @param userId nested, because drizzle strips the table from a column directly in a selected field: `user_id` alone
 * would be that of `held`
 */
export const rolesOf = (userId: SQLWrapper): SQL<string | null> =>
  sql<
    string | null
  >`(select group_concat(held.role, ' ') from ${userRoles} as held where held.user_id = ${sql`${userId}`})`;

/** True for an account with a role. */
export const hasRole = (userId: SQLWrapper | number, role: string): Condition =>
  sql`exists (select 1 from ${userRoles} as held where held.user_id = ${userId} and held.role = ${role})`;

/**
 * True for an administrator `admin` who can log in: it is enabled, and has a verified address or a password for its
 * address. An invited account that nobody has entered does not count.
 */
const CAN_ACT = sql`admin.disabled_at is null and (coalesce(admin.email_verified_at, admin.phone_verified_at) is not null or (admin.password_hash is not null and coalesce(admin.email_normalized, admin.phone_normalized) is not null))`;

const adminsWhere = (condition: SQL) =>
  sql`exists (select 1 from ${userRoles} as holder inner join ${users} as admin on admin.id = holder.user_id where holder.role = ${ADMIN} and ${CAN_ACT} and ${condition})`;

/**
 * True unless the account is the last administrator who can log in. Each statement after which it could not requires
 * it: two administrators who remove each other at the same time cannot both succeed.
 */
export const leavesAnAdmin = (userId: number): Condition =>
  sql`(not ${adminsWhere(sql`admin.id = ${userId}`)} or ${adminsWhere(sql`admin.id <> ${userId}`)})`;

/** True if the account in the `users` row may lose its password: it has a verified address, or others can administer. */
export const mayLosePassword = (userId: number): Condition =>
  sql`(coalesce(${users.emailVerifiedAt}, ${users.phoneVerifiedAt}) is not null or ${leavesAnAdmin(userId)})`;

/**
 * True if the account in the `users` row may lose an address: it can log in by the other one, or others can administer.
 *
 * @param keepsPassword false if it loses its password as well: the other address must be verified then
 */
export function mayLoseAddress(
  lost: Identifier['kind'],
  userId: number,
  keepsPassword: boolean,
): Condition {
  const { normalized, verifiedAt } = addressColumns(otherKind(lost));
  const hasLogin = keepsPassword
    ? sql`(${users.passwordHash} is not null and ${normalized} is not null)`
    : sql`false`;
  return sql`(${verifiedAt} is not null or ${hasLogin} or ${leavesAnAdmin(userId)})`;
}
