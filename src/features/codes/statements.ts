import { and, eq, gt, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';
import { type Condition, type OnlyIf, onlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { insertWhere } from '../../core/db/insert-where.ts';
import { codes, users } from '../../core/db/schema.ts';
import type { Channel } from '../messages/message.ts';
import type { CodeOwner, Purpose } from './code.ts';

/** Wrong codes after which a code is no longer accepted. */
const MAX_TRIES = 5;
/** Wrong codes in {@link FAILURE_WINDOW_MS} after which an account accepts none of their kind, for as long. */
const MAX_FAILURES = 20;
const FAILURE_WINDOW_MS = 86_400_000;

/** Purposes whose codes only a session of the account can enter. Strangers cannot use up their tries. */
const OF_SESSIONS: readonly Purpose[] = ['verify', 'change', 'reauthenticate'];

/** True for a row that is a code, and that only a session of the account can enter. */
export const isOfSessions = (purpose: Purpose, kind: 'link' | 'code'): boolean =>
  kind === 'code' && OF_SESSIONS.includes(purpose);

/** When the account in the `users` row accepts codes of a purpose again; null if it has accepted them all along. */
export const lockedUntilOf = (purpose: Purpose) =>
  OF_SESSIONS.includes(purpose) ? users.sessionCodesLockedUntil : users.codesLockedUntil;

/** True if the account in the `users` row accepts codes of a purpose, and not only links. */
export const acceptsCodes = (purpose: Purpose, now: number): SQL =>
  sql`(${lockedUntilOf(purpose)} is null or ${lockedUntilOf(purpose)} <= ${now})`;

/** Purposes whose address need not be one of the account. */
const OF_OTHER_ADDRESSES: readonly Purpose[] = ['change', 'undo', 'remove', 'release'];

/** The address of the `users` row on the channel of the `codes` row. */
const currentAddress = sql`case ${codes.channel} when 'email' then ${users.emailNormalized} else ${users.phoneNormalized} end`;

/** When the address of the `users` row on the channel of the `codes` row was verified. */
const currentVerifiedAt = sql`case ${codes.channel} when 'email' then ${users.emailVerifiedAt} else ${users.phoneVerifiedAt} end`;
const hasVerified = sql`coalesce(${users.emailVerifiedAt}, ${users.phoneVerifiedAt}) is not null`;

/** What the address of a `codes` row must be for a purpose. */
function hasAddress(purpose: Purpose): SQL {
  if (OF_OTHER_ADDRESSES.includes(purpose)) return sql`true`;
  const isCurrent = sql`${codes.address} = ${currentAddress}`;
  // An unverified address recovers an account only as long as the account has no verified one.
  return purpose === 'reset'
    ? sql`${isCurrent} and (${currentVerifiedAt} is not null or not ${hasVerified})`
    : isCurrent;
}

/**
 * True for a row of `codes` that its operation accepts: unexpired, and its user is enabled and has its address.
 *
 * @param requires must hold for the row of `users` as well
 */
export function isAccepted(
  purpose: Purpose,
  now: number,
  requires: Condition = sql`true`,
): SQL | undefined {
  return and(
    eq(codes.purpose, purpose),
    gt(codes.expiresAt, now),
    sql`(${codes.kind} = 'link' or ${codes.tries} < ${MAX_TRIES})`,
    sql`exists (select 1 from ${users} where ${users.id} = ${codes.userId} and ${users.disabledAt} is null and (${codes.kind} = 'link' or ${acceptsCodes(purpose, now)}) and ${hasAddress(purpose)} and ${requires})`,
  );
}

/** True for the code that a wrong one counts against. */
export const isTried = ({ userId, address }: CodeOwner, purpose: Purpose, now: number) =>
  and(
    eq(codes.userId, userId),
    eq(codes.purpose, purpose),
    eq(codes.address, address),
    eq(codes.kind, 'code'),
    lt(codes.tries, MAX_TRIES),
    gt(codes.expiresAt, now),
    sql`exists (select 1 from ${users} where ${users.id} = ${codes.userId} and ${acceptsCodes(purpose, now)})`,
  );

/** The columns of `users` that a wrong code of a purpose changes. */
export function codeFailureColumns(purpose: Purpose, now: number) {
  const isOfSession = OF_SESSIONS.includes(purpose);
  const counted = isOfSession ? users.sessionCodeFailures : users.codeFailures;
  const since = isOfSession ? users.sessionCodeFailingSince : users.codeFailingSince;
  const isCurrent = sql`${since} > ${now - FAILURE_WINDOW_MS}`;
  const failures = sql`(case when ${isCurrent} then ${counted} else 0 end + 1)`;
  const failingSince = sql`case when ${isCurrent} then ${since} else ${now} end`;
  const lockedUntil = sql`case when ${failures} >= ${MAX_FAILURES} then ${now + FAILURE_WINDOW_MS} else ${lockedUntilOf(purpose)} end`;
  return isOfSession
    ? {
        sessionCodeFailures: failures,
        sessionCodeFailingSince: failingSince,
        sessionCodesLockedUntil: lockedUntil,
      }
    : { codeFailures: failures, codeFailingSince: failingSince, codesLockedUntil: lockedUntil };
}

/** The columns of `users` that a new password resets. */
export const NO_CODE_FAILURES = {
  codeFailures: 0,
  codeFailingSince: null,
  codesLockedUntil: null,
  sessionCodeFailures: 0,
  sessionCodeFailingSince: null,
  sessionCodesLockedUntil: null,
} as const;

/** A link or a code to store. */
export interface NewCode {
  readonly hash: string;
  /** Null for a decoy. */
  readonly userId: number | null;
  readonly purpose: Purpose;
  readonly kind: 'link' | 'code';
  readonly channel: Channel;
  /** The address that it concerns, normalized, and as the user entered it. */
  readonly address: string;
  readonly entered: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Stores a link or a code if a condition holds, and its user is enabled. Returns its hash.
 *
 * @param requires must hold for the row of `users` as well
 */
export function insertCode(
  db: Database,
  code: Omit<NewCode, 'userId'> & { readonly userId: NewCode['userId'] | SQL },
  now: number,
  condition: Condition,
  requires: Condition = sql`true`,
) {
  const { userId } = code;
  const hasUser =
    userId === null
      ? sql`true`
      : sql`exists (select 1 from ${users} where ${users.id} = ${userId} and ${users.disabledAt} is null and ${requires})`;
  const row = { ...code, createdAt: now };
  return (
    insertWhere(db, codes, row, sql`${hasUser} and ${condition}`)
      // Two decoys may have the same code.
      .onConflictDoNothing()
      .returning({ hash: codes.hash })
  );
}

/** True if the link or code exists. Uses an alias, since statements on `codes` contain it too. */
export const isIssued = (hash: string): Condition =>
  sql`exists (select 1 from ${codes} as issued where issued.hash = ${hash})`;

/** Deletes the codes of the same account, purpose and channel, and no links. */
export const removeReplaced = (db: Database, { userId, purpose, channel }: NewCode) =>
  db
    .delete(codes)
    .where(
      and(
        eq(codes.userId, userId ?? 0),
        eq(codes.purpose, purpose),
        eq(codes.kind, 'code'),
        eq(codes.channel, channel),
      ),
    );

/** Which links and codes of an account are meant. */
export interface CodeFilter {
  readonly purposes: readonly Purpose[];
  readonly channel?: Channel;
  /** Normalized. */
  readonly address?: string;
  /** Those that expire at this time or later. Milliseconds since 1970. */
  readonly expiringFrom?: number;
}

/** Deletes links and codes of an account, if the condition holds. */
export const endCodes = (
  db: Database,
  userId: number,
  condition: Condition,
  { purposes, channel, address, expiringFrom }: CodeFilter,
): OnlyIf =>
  onlyIf(condition, (holds) =>
    db
      .delete(codes)
      .where(
        and(
          eq(codes.userId, userId),
          inArray(codes.purpose, [...purposes]),
          channel === undefined ? undefined : eq(codes.channel, channel),
          address === undefined ? undefined : eq(codes.address, address),
          expiringFrom === undefined ? undefined : gte(codes.expiresAt, expiringFrom),
          holds,
        ),
      ),
  );
