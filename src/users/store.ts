import { and, eq, inArray, isNull, ne, type SQL, sql } from 'drizzle-orm';
import type { AuditEvent } from '../audit/event.ts';
import {
  INSERTED_ROW,
  recordEvent,
  recordEventIfChanged,
  recordEventIfLocked,
} from '../db/audit-statements.ts';
import { type Database, isUniqueViolation } from '../db/database.ts';
import { failureColumns, isUnlocked, NO_FAILURES } from '../db/lockout-columns.ts';
import { sessions, users } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import type { Identifier } from './identifier.ts';
import type { ProfilePatch, User } from './user.ts';

/** The columns of a {@link User}; the password hash is not among them. */
export const userColumns = {
  id: users.id,
  email: users.email,
  phone: users.phone,
  name: users.name,
  bio: users.bio,
  version: users.version,
  createdAt: users.createdAt,
  updatedAt: users.updatedAt,
};

/** An account to be made. What is shown and what is unique come in pairs. */
export interface NewUser {
  readonly email: { readonly entered: string; readonly normalized: string } | null;
  readonly phone: { readonly entered: string; readonly normalized: string } | null;
  readonly passwordHash: string;
  readonly name: string | null;
}

/** A user and what proves it is they. For checking a password and for nothing else. */
export interface UserCredentials {
  readonly user: User;
  readonly passwordHash: string | null;
  /** Whether no password is taken for a while, since too many wrong ones were given. */
  readonly isLocked: boolean;
}

export interface UserStore {
  /** @throws AppError `email_taken` or `phone_taken` */
  insert(user: NewUser, event: AuditEvent): Promise<User>;
  findById(id: number): Promise<User | undefined>;
  findCredentials(identifier: Identifier): Promise<UserCredentials | undefined>;
  /**
   * Changes a profile in one statement. Returns `undefined` where no row has the id, or none of the
   * versions asked for.
   */
  updateProfile(
    id: number,
    patch: ProfilePatch,
    versions: readonly number[] | undefined,
    event: AuditEvent,
  ): Promise<User | undefined>;
  /** For the check of a password by who is logged in already. */
  findCredentialsById(id: number): Promise<UserCredentials | undefined>;
  /**
   * Sets a new password and ends the user's other sessions, in one batch. Tells whether it came about: not
   * where the hash is another by now, the account is locked, or the session to keep has ended.
   */
  changePassword(
    id: number,
    hashes: { readonly old: string; readonly fresh: string },
    keepSession: string,
    event: AuditEvent,
  ): Promise<boolean>;
  /**
   * Puts a wrong password on record and counts it, which may lock the account, in one batch. For nobody's
   * account the same is done to no row.
   */
  recordFailure(id: number | null, failure: AuditEvent, lockout: AuditEvent): Promise<void>;
}

/** @param clock milliseconds since 1970 */
export function createUserStore(db: Database, clock: () => number): UserStore {
  async function findOne(which: SQL | undefined): Promise<UserCredentials | undefined> {
    const { passwordHash, lockedUntil } = users;
    const [row] = await db
      .select({ user: userColumns, passwordHash, lockedUntil })
      .from(users)
      .where(which);
    return row && { ...row, isLocked: row.lockedUntil !== null && row.lockedUntil > clock() };
  }

  return {
    async insert({ email, phone, passwordHash, name }, event) {
      const now = clock();
      try {
        const [rows] = await db.batch([
          db
            .insert(users)
            .values({
              email: email?.entered ?? null,
              emailNormalized: email?.normalized ?? null,
              phone: phone?.entered ?? null,
              phoneNormalized: phone?.normalized ?? null,
              passwordHash,
              name,
              createdAt: now,
              updatedAt: now,
            })
            .returning(userColumns),
          recordEventIfChanged(db, INSERTED_ROW, event),
        ]);
        return first(rows);
      } catch (cause) {
        if (isUniqueViolation(cause, 'users.email_normalized')) {
          throw new AppError('email_taken', { cause });
        }
        if (isUniqueViolation(cause, 'users.phone_normalized')) {
          throw new AppError('phone_taken', { cause });
        }
        throw cause;
      }
    },

    async findById(id) {
      const [user] = await db.select(userColumns).from(users).where(eq(users.id, id));
      return user;
    },

    async findCredentials({ kind, normalized }) {
      const column = kind === 'email' ? users.emailNormalized : users.phoneNormalized;
      return findOne(and(eq(column, normalized), isNull(users.disabledAt)));
    },

    async findCredentialsById(id) {
      return findOne(eq(users.id, id));
    },

    async changePassword(id, { old, fresh }, keepSession, event) {
      const isStillIn = sql`exists (select 1 from ${sessions} where ${sessions.id} = ${keepSession} and ${sessions.userId} = ${id})`;
      const isDone = sql`exists (select 1 from ${users} where ${users.id} = ${id} and ${users.passwordHash} = ${fresh})`;
      const [changed] = await db.batch([
        db
          .update(users)
          .set({ passwordHash: fresh, ...NO_FAILURES })
          .where(and(eq(users.id, id), eq(users.passwordHash, old), isUnlocked(clock()), isStillIn))
          .returning({ id: users.id }),
        recordEventIfChanged(db, id, event),
        db
          .delete(sessions)
          .where(and(eq(sessions.userId, id), ne(sessions.id, keepSession), isDone)),
      ]);
      return changed.length > 0;
    },

    async updateProfile(id, patch, versions, event) {
      const update = db
        .update(users)
        .set({ ...patch, version: sql`${users.version} + 1`, updatedAt: clock() })
        .where(and(eq(users.id, id), versions && inArray(users.version, [...versions])))
        .returning(userColumns);
      const [[user]] = await db.batch([update, recordEventIfChanged(db, id, event)]);
      return user;
    },

    async recordFailure(id, failure, lockout) {
      const now = clock();
      // No account has the id 0.
      const ofUser = eq(users.id, id ?? 0);
      await db.batch([
        db
          .update(users)
          .set(failureColumns(now))
          .where(and(ofUser, isUnlocked(now))),
        recordEventIfLocked(db, id, lockout),
        recordEvent(db, id, failure),
      ]);
    },
  };
}

/** The one row that an INSERT … RETURNING gives. */
function first<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('INSERT … RETURNING gave no row');
  return row;
}
