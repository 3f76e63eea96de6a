import { and, eq, isNull, lte, not, sql } from 'drizzle-orm';
import { type Claim, type Condition, change, type Statement } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { loginFailures, sessions, users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged, recordEventOfUser } from '../audit/statements.ts';
import { isKnownNetwork } from '../networks/known.ts';
import type { Identifier } from '../users/identifier.ts';
import { userColumns } from '../users/store.ts';
import type { User } from '../users/user.ts';
import {
  changeFailureColumns,
  countFailureOfNetwork,
  FAILURES_LAST_MS,
  failureColumns,
  forgetFailures,
  isOpenTo,
  isOpenToChanges,
  NO_FAILURES,
} from './lockout.ts';

/** A user and the stored hash. Read to verify a password, and for nothing else. */
export interface Credentials {
  readonly user: User;
  readonly passwordHash: string | null;
  /** True if even the right password is refused, since too many wrong ones were given. */
  readonly isLocked: boolean;
}

/** The same for a login. */
export interface LoginCredentials extends Credentials {
  /** True if the account has logged in from this network recently. */
  readonly isKnownNetwork: boolean;
}

/** A wrong password. */
export interface LoginFailure {
  readonly userId: number;
  readonly network: string;
  readonly isKnownNetwork: boolean;
}

/** The hash that a password was verified against, and the one that replaces it, if any. */
export interface VerifiedHash {
  readonly verified: string;
  readonly fresh?: string | undefined;
}

/** The passwords of accounts, and the wrong ones that were given. */
export interface CredentialStore {
  /** @param network where the login comes from; empty where that is unknown */
  find(identifier: Identifier, network: string): Promise<LoginCredentials | undefined>;
  /** For a change of the password: it has a lock of its own. */
  findById(id: number): Promise<Credentials | undefined>;
  /**
   * Changes the account only if the hash is still the one that was verified, and the account is enabled and
   * open to a password from this network: the lock belongs to this claim.
   */
  claimLogIn(userId: number, hash: VerifiedHash, network: string): Claim;
  /** Sets a new password, only if the hash is unchanged, changes are not locked, and the session is alive. */
  claimChange(userId: number, sessionId: string, hash: Required<VerifiedHash>): Claim;
  /** Forgets the wrong passwords of an account. */
  forgetFailures(userId: number, condition: Condition): Statement;
  /**
   * Counts and records a wrong password, which may lock the network or the account, in one batch. Records
   * nothing where the account is locked by now.
   */
  recordFailure(who: LoginFailure, failure: AuditEvent, lockout: AuditEvent): Promise<void>;
  /** The same for a wrong current password at a change. */
  recordChangeFailure(id: number, failure: AuditEvent, lockout: AuditEvent): Promise<void>;
  /** Deletes failures of networks whose row is over, at most `limit`. Returns their number. */
  removeOldFailures(limit: number): Promise<number>;
}

/** @param clock milliseconds since 1970 */
export function createCredentialStore(db: Database, clock: () => number): CredentialStore {
  return {
    async find({ kind, normalized }, network) {
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

    async findById(id) {
      const isOpenNow = sql<number>`${isOpenToChanges(clock())}`;
      const [row] = await db
        .select({ user: userColumns, passwordHash: users.passwordHash, isOpen: isOpenNow })
        .from(users)
        .where(eq(users.id, id));
      return row && { ...row, isLocked: row.isOpen === 0 };
    },

    claimLogIn(userId, { verified, fresh }, network) {
      return db
        .update(users)
        .set({ ...NO_FAILURES, ...(fresh !== undefined && { passwordHash: fresh }) })
        .where(
          and(
            eq(users.id, userId),
            eq(users.passwordHash, verified),
            isNull(users.disabledAt),
            isOpenTo(network, clock()),
          ),
        )
        .returning({ id: users.id });
    },

    claimChange(userId, sessionId, { verified, fresh }) {
      const isStillIn = sql`exists (select 1 from ${sessions} where ${sessions.id} = ${sessionId} and ${sessions.userId} = ${users.id})`;
      return db
        .update(users)
        .set({ ...NO_FAILURES, passwordHash: fresh })
        .where(
          and(
            eq(users.id, userId),
            eq(users.passwordHash, verified),
            isNull(users.disabledAt),
            isOpenToChanges(clock()),
            isStillIn,
          ),
        )
        .returning({ id: users.id });
    },

    forgetFailures: (userId, condition) => forgetFailures(db, userId, condition),

    async recordFailure({ userId, network, isKnownNetwork: isKnown }, failure, lockout) {
      const now = clock();
      await change(db, {
        claim: countFailureOfNetwork(db, userId, network, now),
        ifChanged: [
          db
            .update(users)
            .set(failureColumns(isKnown, now))
            .where(and(eq(users.id, userId), sql`changes() > 0`)),
          recordEventIfChanged(db, userId, failure),
          recordEventOfUser(db, userId, lockout, not(isOpenTo(network, now))),
        ],
      });
    },

    async recordChangeFailure(id, failure, lockout) {
      const now = clock();
      await change(db, {
        claim: db
          .update(users)
          .set(changeFailureColumns(now))
          .where(and(eq(users.id, id), isOpenToChanges(now)))
          .returning({ id: users.id }),
        ifChanged: [
          recordEventIfChanged(db, id, failure),
          recordEventOfUser(db, id, lockout, not(isOpenToChanges(now))),
        ],
      });
    },

    removeOldFailures(limit) {
      const isOver = lte(loginFailures.failingSince, clock() - FAILURES_LAST_MS);
      return removeRows(db, loginFailures, isOver, limit);
    },
  };
}
