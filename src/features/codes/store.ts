import { and, desc, eq, gt, inArray, isNull, lte, not, sql } from 'drizzle-orm';
import {
  type Claim,
  type Condition,
  change,
  ifChanged,
  type OnlyIf,
  onlyIf,
} from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { codes, users } from '../../core/db/schema.ts';
import { AppError } from '../../core/errors.ts';
import type { AuditEvent } from '../audit/event.ts';
import { countRefusal, recordEventIfChanged } from '../audit/statements.ts';
import type { Channel } from '../messages/message.ts';
import type { Queueing } from '../messages/store.ts';
import { isKnownNetwork } from '../networks/known.ts';
import type { Identifier } from '../users/identifier.ts';
import { addressColumns } from '../users/statements.ts';
import { userColumns } from '../users/store.ts';
import { hasVerifiedAddress, isVerified, type User } from '../users/user.ts';
import type { CodeOwner, Purpose } from './code.ts';
import {
  acceptsCodes,
  type CodeFilter,
  codeFailureColumns,
  endCodes,
  insertCode,
  isAccepted,
  isIssued,
  isOfSessions,
  isTried,
  lockedUntilOf,
  type NewCode,
  removeReplaced,
} from './statements.ts';

/** A link or a code that is accepted now. */
export interface FoundCode {
  readonly hash: string;
  readonly purpose: Purpose;
  readonly channel: Channel;
  /** The address that it concerns, normalized, and as the user entered it. */
  readonly address: string;
  readonly entered: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly user: User;
  /** The language of the account; null for English. */
  readonly locale: string | null;
  /** Must hold for the row of `users` when it is claimed: that the session of the caller is live. */
  readonly requires?: Condition | undefined;
}

/** An enabled account that a name was typed for. */
export interface Recipient {
  readonly user: User;
  /** True if the account has verified the address that it was found by. */
  readonly isVerified: boolean;
  /** True if the account has any verified address. */
  readonly hasVerified: boolean;
  /** True if the account has logged in from the network of the request recently. */
  readonly isKnownNetwork: boolean;
  /** False if, after too many wrong codes, resets and logins of the account accept links only. */
  readonly acceptsCodes: boolean;
}

/** Links and codes for one user, and the message that carries them. */
export interface Issue {
  readonly codes: readonly [NewCode, ...NewCode[]];
  readonly message: Queueing;
  /** Must hold for the row of `users`: that the session of the caller is live. */
  readonly requires?: Condition | undefined;
}

/** The links and codes that have been sent and not used. */
/** A link or code that waits to be used, as its user may see it. */
export type PendingCode = Pick<NewCode, 'channel' | 'kind' | 'entered'>;

export interface CodeStore {
  /** @param network that of the request; empty if unknown */
  findRecipient(identifier: Identifier, network: string): Promise<Recipient | undefined>;
  /**
   * Stores links and codes and queues their message, in one batch. New codes replace older ones, but no links.
   * Returns false, and stores nothing, if the user is disabled or deleted, or `requires` does not hold.
   *
   * @throws AppError `too_many_requests` for a code that the account does not accept after too many wrong ones
   */
  issue(issue: Issue): Promise<boolean>;
  /** Returns the address of the account's newest code for a purpose; `undefined` if it has none. */
  findPending(userId: number, purpose: Purpose): Promise<string | undefined>;
  /** Lists the unexpired links and codes of the account for a purpose, the newest first. */
  listPending(userId: number, purpose: Purpose): Promise<PendingCode[]>;
  /** Queues a message without a link or code. */
  notify(message: Queueing): Promise<void>;
  /** @param hashes those of the presented link or code, one per secret */
  find(purpose: Purpose, hashes: readonly string[]): Promise<FoundCode | undefined>;
  /** Deletes a link or code if it is still accepted. Of any number of concurrent claims, exactly one succeeds. */
  claim(found: FoundCode): Claim;
  /** True while a claim would succeed: for statements that must run before it. */
  isClaimable(found: FoundCode): Condition;
  /**
   * Counts a wrong code by network and, if the account has a code for the purpose, against both, in one batch.
   *
   * @param network an IPv4 address or an IPv6 /48; empty if unknown
   */
  recordFailure(
    owner: CodeOwner,
    purpose: Purpose,
    event: AuditEvent,
    network: string,
  ): Promise<void>;
  /** Deletes links and codes of an account, if the condition holds. */
  end(userId: number, condition: Condition, which: CodeFilter): OnlyIf;
  /** Deletes the other links and codes of the same account for the same address, if this one has been used up. */
  endOfAddress(found: FoundCode): OnlyIf;
  /** Deletes expired rows, at most `limit`. Returns their number. */
  removeExpired(limit: number): Promise<number>;
}

/** @param clock milliseconds since 1970 */
export function createCodeStore(db: Database, clock: () => number): CodeStore {
  const isFound = ({ hash, purpose, requires }: FoundCode) =>
    and(eq(codes.hash, hash), isAccepted(purpose, clock(), requires));

  /** @throws AppError `too_many_requests` until the account accepts codes of this purpose again */
  async function requireOpen({ userId, purpose }: NewCode, now: number): Promise<void> {
    const [row] = await db
      .select({ until: lockedUntilOf(purpose) })
      .from(users)
      .where(eq(users.id, userId ?? 0));
    const left = (row?.until ?? 0) - now;
    if (left <= 0) return;
    const headers = { 'Retry-After': String(Math.ceil(left / 1000)) };
    throw new AppError('too_many_requests', { headers });
  }

  return {
    async findRecipient({ kind, normalized }, network) {
      const [row] = await db
        .select({
          user: userColumns,
          isKnown: sql<number>`${isKnownNetwork(network, clock())}`,
          isOpen: sql<number>`${acceptsCodes('reset', clock())}`,
        })
        .from(users)
        .where(and(eq(addressColumns(kind).normalized, normalized), isNull(users.disabledAt)));
      if (!row) return undefined;
      const { user, isKnown, isOpen } = row;
      return {
        user,
        isVerified: isVerified(user, kind),
        hasVerified: hasVerifiedAddress(user),
        isKnownNetwork: isKnown !== 0,
        acceptsCodes: isOpen !== 0,
      };
    },

    async issue({ codes: [first, ...others], message, requires = sql`true` }) {
      const now = clock();
      const ofSession = [first, ...others].find(({ purpose, kind }) => isOfSessions(purpose, kind));
      const isOpen = ofSession ? acceptsCodes(ofSession.purpose, now) : sql`true`;
      const issued = await change(db, {
        before: [removeReplaced(db, first)],
        claim: insertCode(db, first, now, sql`true`, sql`${requires} and ${isOpen}`),
        consequences: [
          ...others.map((code) => insertCode(db, code, now, isIssued(first.hash))),
          message(isIssued(first.hash)),
        ],
      });
      if (issued.length === 0 && ofSession) await requireOpen(ofSession, now);
      return issued.length > 0;
    },

    async notify(message) {
      await change(db, { claim: message(sql`true`) });
    },

    async findPending(userId, purpose) {
      const [row] = await db
        .select({ address: codes.address })
        .from(codes)
        .where(and(eq(codes.userId, userId), eq(codes.purpose, purpose), eq(codes.kind, 'code')))
        .orderBy(desc(codes.createdAt))
        .limit(1);
      return row?.address;
    },

    listPending: (userId, purpose) =>
      db
        .select({ channel: codes.channel, kind: codes.kind, entered: codes.entered })
        .from(codes)
        .where(
          and(eq(codes.userId, userId), eq(codes.purpose, purpose), gt(codes.expiresAt, clock())),
        )
        .orderBy(desc(codes.createdAt), sql`rowid desc`),

    async find(purpose, hashes) {
      const [row] = await db
        .select({
          hash: codes.hash,
          channel: codes.channel,
          address: codes.address,
          entered: codes.entered,
          expiresAt: codes.expiresAt,
          user: userColumns,
          locale: users.locale,
        })
        .from(codes)
        .innerJoin(users, eq(users.id, codes.userId))
        .where(and(inArray(codes.hash, [...hashes]), isAccepted(purpose, clock())));
      return row && { ...row, purpose };
    },

    claim: (found) => db.delete(codes).where(isFound(found)).returning({ hash: codes.hash }),

    isClaimable: (found) => sql`exists (select 1 from ${codes} where ${isFound(found)})`,

    async recordFailure(owner, purpose, event, network) {
      const now = clock();
      await change(db, {
        // Always writes, or the time would tell whether the name has an account.
        before: [countRefusal(db, network, now)],
        claim: db
          .update(codes)
          .set({ tries: sql`${codes.tries} + 1` })
          .where(isTried(owner, purpose, now))
          .returning({ hash: codes.hash }),
        ifChanged: [
          ifChanged((hasChanged) =>
            db
              .update(users)
              .set(codeFailureColumns(purpose, now))
              .where(and(eq(users.id, owner.userId), hasChanged)),
          ),
          recordEventIfChanged(db, owner.userId, event),
        ],
      });
    },

    end: (userId, condition, which) => endCodes(db, userId, condition, which),

    endOfAddress: ({ hash, user, address }) =>
      onlyIf(not(isIssued(hash)), (isUsed) =>
        db.delete(codes).where(and(eq(codes.userId, user.id), eq(codes.address, address), isUsed)),
      ),

    removeExpired: (limit) => removeRows(db, codes, lte(codes.expiresAt, clock()), limit),
  };
}
