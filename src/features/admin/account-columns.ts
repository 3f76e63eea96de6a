import { sql } from 'drizzle-orm';
import { users } from '../../core/db/schema.ts';
import { rolesIn } from '../roles/role.ts';
import { rolesOf } from '../roles/statements.ts';
import { userColumns } from '../users/store.ts';
import type { User } from '../users/user.ts';
import type { Account } from './account.ts';

/** The columns of an {@link Account}, for statements on `users`. `toAccount` reads their rows. */
export const accountColumns = {
  ...userColumns,
  disabledAt: users.disabledAt,
  lockedUntil: users.lockedUntil,
  // The hash itself never leaves the database.
  hasPassword: sql<number>`${users.passwordHash} is not null`.as('has_password'),
  locale: users.locale,
  roles: rolesOf(users.id).as('roles'),
};

/** A row of {@link accountColumns}. */
export interface AccountRow extends User {
  readonly disabledAt: number | null;
  readonly lockedUntil: number | null;
  /** 1 or 0. */
  readonly hasPassword: number;
  readonly locale: string | null;
  readonly roles: string | null;
}

export function toAccount(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    phone: row.phone,
    name: row.name,
    bio: row.bio,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    emailVerifiedAt: row.emailVerifiedAt,
    phoneVerifiedAt: row.phoneVerifiedAt,
    disabledAt: row.disabledAt,
    lockedUntil: row.lockedUntil,
    hasPassword: row.hasPassword === 1,
    locale: row.locale,
    roles: rolesIn(row.roles),
  };
}
