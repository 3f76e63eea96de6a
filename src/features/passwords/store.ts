import { and, eq, isNull, lte, not, or, sql } from 'drizzle-orm';
import { loginFailures } from '../../core/db/account-schema.ts';
import {
  type Claim,
  type Condition,
  changeAndTell,
  ifChanged,
  type OnlyIf,
} from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { isRecorded, recordEventIfChanged, recordEventOfUser } from '../audit/statements.ts';
import { isDeviceOf } from '../devices/statements.ts';
import type { DeviceToken } from '../devices/token.ts';
import { isKnownNetwork } from '../networks/known.ts';
import type { NoticeStatements } from '../notices/service.ts';
import type { Identifier } from '../users/identifier.ts';
import { userColumns } from '../users/store.ts';
import type { User } from '../users/user.ts';
import {
  acceptsChange,
  acceptsPasswordFrom,
  changeFailureColumns,
  clearFailures,
  countFailureOfNetwork,
  FAILURES_EXPIRE_MS,
  failureColumns,
  NO_FAILURES,
} from './lockout.ts';

/** A user and the stored hash. Read only to verify a password. */
export interface Credentials {
  readonly user: User;
  readonly passwordHash: string | null;
  /** True if, after too many wrong passwords, even the correct one is rejected. */
  readonly isLocked: boolean;
  /** The language of the account; null for English. */
  readonly locale: string | null;
}

/** The credentials that a login reads. */
export interface LoginCredentials extends Credentials {
  /** True if the account has logged in from this network recently. */
  readonly isKnownNetwork: boolean;
  /** True if the presented device token is that of a device of the account: no lock rejects it. */
  readonly isKnownDevice: boolean;
}

/** Where a login comes from. */
export interface LoginOrigin {
  /** Empty if unknown. */
  readonly network: string;
  /** The device token that the caller presented. */
  readonly device?: DeviceToken | undefined;
}

/** A login with a wrong password. */
export interface LoginFailure {
  readonly userId: number;
  readonly network: string;
  readonly isKnownNetwork: boolean;
}

/** The hash that a password was verified against, and the hash that replaces it, if any. */
export interface VerifiedHash {
  readonly verified: string;
  readonly fresh?: string | undefined;
}

/** The password hashes of accounts, and the counters of wrong passwords. */
export interface CredentialStore {
  find(identifier: Identifier, origin: LoginOrigin): Promise<LoginCredentials | undefined>;
  /**
   * Finds the credentials for a password change or a re-authentication. `isLocked` is the separate lock of these two.
   */
  findById(id: number): Promise<Credentials | undefined>;
  /**
   * Resets the failures and stores the fresh hash, if any. Has an effect only if the stored hash is still the verified
   * one, the account is enabled, and it accepts passwords from this network or device: concurrent failures may have
   * locked it, and the device may have been removed.
   */
  claimLogIn(userId: number, hash: VerifiedHash, origin: LoginOrigin): Claim;
  /**
   * Resets the failures and stores the fresh hash, if any. Has an effect only if the stored hash is still the verified
   * one and password changes are not locked.
   *
   * @param isLoggedIn must hold for the row of `users` as well
   */
  claimChange(userId: number, isLoggedIn: Condition, hash: VerifiedHash): Claim;
  /** Deletes the failures by network of an account. */
  clearFailures(userId: number, condition: Condition): OnlyIf;
  /**
   * Counts and records a wrong password in one batch, which may lock the network or the account. Does nothing if the
   * account is already locked. Returns true if it has locked them.
   *
   * @param notice queues the notice of the lockout
   */
  recordFailure(
    who: LoginFailure,
    failure: AuditEvent,
    lockout: AuditEvent,
    notice: NoticeStatements | undefined,
  ): Promise<boolean>;
  /** Like `recordFailure`, for a wrong password in a password change or a re-authentication. */
  recordChangeFailure(
    id: number,
    failure: AuditEvent,
    lockout: AuditEvent,
    notice: NoticeStatements | undefined,
  ): Promise<boolean>;
  /** Deletes at most `limit` expired failures by network. Returns the number of deleted rows. */
  removeOldFailures(limit: number): Promise<number>;
}

/** @param clock milliseconds since 1970 */
export function createCredentialStore(db: Database, clock: () => number): CredentialStore {
  return {
    async find({ kind, normalized }, { network, device }) {
      const now = clock();
      const column = kind === 'email' ? users.emailNormalized : users.phoneNormalized;
      const [row] = await db
        .select({
          user: userColumns,
          locale: users.locale,
          passwordHash: users.passwordHash,
          isOpen: sql<number>`${acceptsPasswordFrom(network, now)}`,
          isKnown: sql<number>`${isKnownNetwork(network, now)}`,
          isDevice: sql<number>`${isDeviceOf(users.id, device, now)}`,
        })
        .from(users)
        .where(and(eq(column, normalized), isNull(users.disabledAt)));
      if (!row) return undefined;
      const { isOpen, isKnown, isDevice, ...rest } = row;
      return {
        ...{ ...rest, isLocked: isOpen === 0 },
        ...{ isKnownNetwork: isKnown !== 0, isKnownDevice: isDevice !== 0 },
      };
    },

    async findById(id) {
      const isOpen = sql<number>`${acceptsChange(clock())}`;
      const [row] = await db
        .select({
          user: userColumns,
          locale: users.locale,
          passwordHash: users.passwordHash,
          isOpen,
        })
        .from(users)
        .where(eq(users.id, id));
      return row && { ...row, isLocked: row.isOpen === 0 };
    },

    claimLogIn(userId, { verified, fresh }, { network, device }) {
      const now = clock();
      return db
        .update(users)
        .set({ ...NO_FAILURES, ...(fresh !== undefined && { passwordHash: fresh }) })
        .where(
          and(
            eq(users.id, userId),
            eq(users.passwordHash, verified),
            isNull(users.disabledAt),
            or(acceptsPasswordFrom(network, now), isDeviceOf(users.id, device, now)),
          ),
        )
        .returning({ id: users.id });
    },

    claimChange(userId, isLoggedIn, { verified, fresh }) {
      return db
        .update(users)
        .set({ ...NO_FAILURES, ...(fresh !== undefined && { passwordHash: fresh }) })
        .where(
          and(
            eq(users.id, userId),
            eq(users.passwordHash, verified),
            acceptsChange(clock()),
            isLoggedIn,
          ),
        )
        .returning({ id: users.id });
    },

    clearFailures: (userId, condition) => clearFailures(db, userId, condition),

    async recordFailure({ userId, network, isKnownNetwork: isKnown }, failure, lockout, notice) {
      const now = clock();
      const failed = {
        claim: countFailureOfNetwork(db, userId, network, now),
        ifChanged: [
          ifChanged((hasChanged) =>
            db
              .update(users)
              .set(failureColumns(isKnown, now))
              .where(and(eq(users.id, userId), hasChanged)),
          ),
          recordEventIfChanged(db, userId, failure),
        ],
        consequences: notice?.(isRecorded(userId, lockout)) ?? [],
      };
      const isLocked = not(acceptsPasswordFrom(network, now));
      return changeAndTell(db, failed, recordEventOfUser(db, userId, lockout, isLocked));
    },

    async recordChangeFailure(id, failure, lockout, notice) {
      const now = clock();
      const failed = {
        claim: db
          .update(users)
          .set(changeFailureColumns(now))
          .where(and(eq(users.id, id), acceptsChange(now)))
          .returning({ id: users.id }),
        ifChanged: [recordEventIfChanged(db, id, failure)],
        consequences: notice?.(isRecorded(id, lockout)) ?? [],
      };
      return changeAndTell(db, failed, recordEventOfUser(db, id, lockout, not(acceptsChange(now))));
    },

    removeOldFailures(limit) {
      const isExpired = lte(loginFailures.failingSince, clock() - FAILURES_EXPIRE_MS);
      return removeRows(db, loginFailures, isExpired, limit);
    },
  };
}
