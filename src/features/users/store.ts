import { and, eq, inArray, isNull, lte, not, sql } from 'drizzle-orm';
import { type Database, isUniqueViolation } from '../../core/db/database.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { knownNetworks, loginFailures, users } from '../../core/db/schema.ts';
import { AppError } from '../../core/errors.ts';
import { networkOf } from '../../core/network.ts';
import type { AuditEvent } from '../audit/event.ts';
import { INSERTED_ROW, recordEventIfChanged, recordEventOfUser } from '../audit/statements.ts';
import { knowFirstNetwork } from '../networks/statements.ts';
import {
  changeFailureColumns,
  countFailureOfNetwork,
  FAILURES_LAST_MS,
  failureColumns,
  isKnownNetwork,
  isOpenTo,
  isOpenToChanges,
  NETWORK_KNOWN_MS,
} from '../passwords/lockout.ts';
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
  /** Whether even the right password is refused, since too many wrong ones were given. */
  readonly isLocked: boolean;
}

/** The same for a login. */
export interface LoginCredentials extends UserCredentials {
  /** Whether the account has logged in from this network of late. */
  readonly isKnownNetwork: boolean;
}

/** A wrong password. */
export interface LoginFailure {
  readonly userId: number;
  readonly network: string;
  readonly isKnownNetwork: boolean;
}

export interface UserStore {
  /** @throws AppError `email_taken` or `phone_taken` */
  insert(user: NewUser, event: AuditEvent): Promise<User>;
  findById(id: number): Promise<User | undefined>;
  /** @param network where the login comes from; empty where that is unknown */
  findCredentials(identifier: Identifier, network: string): Promise<LoginCredentials | undefined>;
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
  /** For a change of the password: it has a lock of its own. */
  findCredentialsById(id: number): Promise<UserCredentials | undefined>;
  /**
   * Counts and records a wrong password, which may lock the network or the account, in one batch. Records
   * nothing where the account is locked by now.
   */
  recordFailure(who: LoginFailure, failure: AuditEvent, lockout: AuditEvent): Promise<void>;
  /** The same for a wrong current password at a change. */
  recordChangeFailure(id: number, failure: AuditEvent, lockout: AuditEvent): Promise<void>;
  /** Deletes failures of networks whose row is over, as many as `limit`. Returns how many there were. */
  removeOldFailures(limit: number): Promise<number>;
  /** Deletes networks that have not been used for 90 days, as many as `limit`. Returns how many there were. */
  removeOldNetworks(limit: number): Promise<number>;
}

/** @param clock milliseconds since 1970 */
export function createUserStore(db: Database, clock: () => number): UserStore {
  return {
    async insert({ email, phone, passwordHash, name }, event) {
      const now = clock();
      const isNewUser = email
        ? eq(users.emailNormalized, email.normalized)
        : eq(users.phoneNormalized, phone?.normalized ?? '');
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
          ...(event.address === null
            ? []
            : [knowFirstNetwork(db, isNewUser, networkOf(event.address), now)]),
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

    async findCredentials({ kind, normalized }, network) {
      const now = clock();
      const column = kind === 'email' ? users.emailNormalized : users.phoneNormalized;
      const [row] = await db
        .select({
          user: userColumns,
          passwordHash: users.passwordHash,
          isOpen: sql<number>`${isOpenTo(network, now)}`,
          isKnown: sql<number>`${isKnownNetwork(network, now)}`,
        })
        .from(users)
        .where(and(eq(column, normalized), isNull(users.disabledAt)));
      if (!row) return undefined;
      const { user, passwordHash, isOpen, isKnown } = row;
      return { user, passwordHash, isLocked: isOpen === 0, isKnownNetwork: isKnown !== 0 };
    },

    async findCredentialsById(id) {
      const isOpenNow = sql<number>`${isOpenToChanges(clock())}`;
      const [row] = await db
        .select({ user: userColumns, passwordHash: users.passwordHash, isOpen: isOpenNow })
        .from(users)
        .where(eq(users.id, id));
      return row && { ...row, isLocked: row.isOpen === 0 };
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

    async recordFailure({ userId, network, isKnownNetwork: isKnown }, failure, lockout) {
      const now = clock();
      await db.batch([
        countFailureOfNetwork(db, userId, network, now),
        db
          .update(users)
          .set(failureColumns(isKnown, now))
          .where(and(eq(users.id, userId), sql`changes() > 0`)),
        recordEventIfChanged(db, userId, failure),
        recordEventOfUser(db, userId, lockout, not(isOpenTo(network, now))),
      ]);
    },

    async recordChangeFailure(id, failure, lockout) {
      const now = clock();
      await db.batch([
        db
          .update(users)
          .set(changeFailureColumns(now))
          .where(and(eq(users.id, id), isOpenToChanges(now))),
        recordEventIfChanged(db, id, failure),
        recordEventOfUser(db, id, lockout, not(isOpenToChanges(now))),
      ]);
    },

    removeOldFailures(limit) {
      const isOver = lte(loginFailures.failingSince, clock() - FAILURES_LAST_MS);
      return removeRows(db, loginFailures, isOver, limit);
    },

    removeOldNetworks(limit) {
      const isForgotten = lte(knownNetworks.lastSeenAt, clock() - NETWORK_KNOWN_MS);
      return removeRows(db, knownNetworks, isForgotten, limit);
    },
  };
}

/** The one row that an INSERT … RETURNING gives. */
function first<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('INSERT … RETURNING gave no row');
  return row;
}
