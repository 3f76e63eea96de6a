import { and, eq, inArray, isNull, ne, sql } from 'drizzle-orm';
import type { AuditEvent } from '../audit/event.ts';
import { INSERTED_ROW, recordEventIfChanged } from '../db/audit-statements.ts';
import { type Database, isUniqueViolation } from '../db/database.ts';
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
   * Sets a new password and ends the user's other sessions, in one batch. Tells whether the old hash was
   * still the one given.
   */
  changePassword(
    id: number,
    hashes: { readonly old: string; readonly fresh: string },
    keepSession: string,
    event: AuditEvent,
  ): Promise<boolean>;
  /** Stores a hash unless another one took the old one's place meanwhile. */
  replacePasswordHash(id: number, old: string, fresh: string): Promise<void>;
}

/** @param clock milliseconds since 1970 */
export function createUserStore(db: Database, clock: () => number): UserStore {
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
      const [row] = await db
        .select({ user: userColumns, passwordHash: users.passwordHash })
        .from(users)
        .where(and(eq(column, normalized), isNull(users.disabledAt)));
      return row;
    },

    async findCredentialsById(id) {
      const [row] = await db
        .select({ user: userColumns, passwordHash: users.passwordHash })
        .from(users)
        .where(eq(users.id, id));
      return row;
    },

    async changePassword(id, { old, fresh }, keepSession, event) {
      const isDone = sql`exists (select 1 from ${users} where ${users.id} = ${id} and ${users.passwordHash} = ${fresh})`;
      const [changed] = await db.batch([
        db
          .update(users)
          .set({ passwordHash: fresh })
          .where(and(eq(users.id, id), eq(users.passwordHash, old)))
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

    async replacePasswordHash(id, old, fresh) {
      await db
        .update(users)
        .set({ passwordHash: fresh })
        .where(and(eq(users.id, id), eq(users.passwordHash, old)));
    },
  };
}

/** The one row that an INSERT … RETURNING gives. */
function first<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('INSERT … RETURNING gave no row');
  return row;
}
