import { and, asc, gt, lte, sql } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventWhere } from '../audit/statements.ts';
import { rolesOf } from '../roles/statements.ts';

export type AccountsStore = ReturnType<typeof createAccountsStore>;

/** Reads all accounts with their password hashes, for somebody who has the database. Disabled ones are included. */
export const createAccountsStore = (db: Database) => ({
  /** Returns the number of accounts, and the highest id; 0 if there are none. */
  async size(): Promise<{ readonly accounts: number; readonly lastId: number }> {
    const [row] = await db
      .select({
        accounts: sql<number>`count(*)`,
        lastId: sql<number>`coalesce(max(${users.id}), 0)`,
      })
      .from(users);
    return row ?? { accounts: 0, lastId: 0 };
  },

  /** Records an event that concerns no account in particular. */
  async record(event: AuditEvent): Promise<void> {
    await recordEventWhere(db, null, event, sql`true`);
  },

  /** Reads the accounts whose id is above `after` and at most `lastId`, in the order of their ids. */
  page: (after: number, lastId: number, limit: number) =>
    db
      .select({
        id: users.id,
        email: users.email,
        phone: users.phoneNormalized,
        passwordHash: users.passwordHash,
        name: users.name,
        bio: users.bio,
        locale: users.locale,
        timeZone: users.timeZone,
        fields: users.fields,
        emailVerifiedAt: users.emailVerifiedAt,
        phoneVerifiedAt: users.phoneVerifiedAt,
        createdAt: users.createdAt,
        updatedAt: users.updatedAt,
        disabledAt: users.disabledAt,
        roles: rolesOf(users.id),
      })
      .from(users)
      .where(and(gt(users.id, after), lte(users.id, lastId)))
      .orderBy(asc(users.id))
      .limit(limit),
});
