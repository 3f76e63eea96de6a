import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
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
  roles: rolesOf(users.id).as('roles'),
};

/** A row of {@link accountColumns}. */
export interface AccountRow extends User {
  readonly disabledAt: number | null;
  readonly lockedUntil: number | null;
  /** 1 or 0. */
  readonly hasPassword: number;
  readonly roles: string | null;
}

export const toAccount = ({ hasPassword, roles, ...row }: AccountRow): Account => ({
  ...row,
  hasPassword: hasPassword === 1,
  roles: rolesIn(roles),
});

/** Finds the account that meets a condition. */
export async function findAccount(db: Database, condition: SQL): Promise<Account | undefined> {
  const [row] = await db.select(accountColumns).from(users).where(condition);
  return row && toAccount(row);
}
