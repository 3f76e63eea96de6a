import { and, eq, inArray, sql } from 'drizzle-orm';
import { type Database, isUniqueViolation } from '../db/database.ts';
import { users } from '../db/schema.ts';
import { AppError } from '../errors.ts';
import type { Identifier } from './identifier.ts';
import type { ProfilePatch, User } from './user.ts';

/** The columns of a {@link User}; the password hash is not among them. */
const userColumns = {
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
  insert(user: NewUser): Promise<User>;
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
  ): Promise<User | undefined>;
  /** Stores a hash unless another one took the old one's place meanwhile. */
  replacePasswordHash(id: number, old: string, fresh: string): Promise<void>;
}

/** @param clock milliseconds since 1970 */
export function createUserStore(db: Database, clock: () => number): UserStore {
  return {
    async insert({ email, phone, passwordHash, name }) {
      const now = clock();
      try {
        const rows = await db
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
          .returning(userColumns);
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
        .where(eq(column, normalized));
      return row;
    },

    async updateProfile(id, patch, versions) {
      const [user] = await db
        .update(users)
        .set({ ...patch, version: sql`${users.version} + 1`, updatedAt: clock() })
        .where(and(eq(users.id, id), versions && inArray(users.version, [...versions])))
        .returning(userColumns);
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
