import { type Column, type SQL, sql } from 'drizzle-orm';
import { type Condition, onlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { loginFailures, users } from '../../core/db/schema.ts';
import { isKnownNetwork } from '../networks/known.ts';

/** Consecutive failures from one network after which the account locks it out for the first time. */
const NETWORK_LOCK_AFTER = 10;
/** Consecutive failures from all unknown networks after which the account locks them out together. */
const UNKNOWN_NETWORKS_LOCK_AFTER = 20;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 3_600_000;
/** Doublings from the first lock to the longest. */
const MAX_DOUBLINGS = 6;

/**
 * NIST SP 800-63B-4 section 3.2.2 allows at most 100 consecutive failures. Unknown networks, from which the
 * account has not logged in recently, share 80 of them, so that they cannot use up those of its owner.
 */
const MAX_UNKNOWN_NETWORK_FAILURES = 80;
/** Failures from known networks and at password changes, together. */
const MAX_OWNER_FAILURES = 20;
/** Failures at password changes alone: a thief with a session leaves the owner half of {@link MAX_OWNER_FAILURES}. */
const MAX_CHANGE_FAILURES = 10;
/** How long consecutive failures count, from the first one. */
export const FAILURES_EXPIRE_MS = 30 * 86_400_000;
/** The failures that count now: zero if the first one has expired. */
const currentCount = (count: Column, since: Column, now: number): SQL =>
  sql`(case when ${since} > ${now - FAILURES_EXPIRE_MS} then ${count} else 0 end)`;

const ownerFailures = (now: number): SQL =>
  sql`(${currentCount(users.knownFailures, users.knownFailingSince, now)} + ${currentCount(users.changeFailures, users.changeFailingSince, now)})`;

/**
 * True if the account in the `users` row accepts a password from a network: neither this network nor its kind,
 * known or unknown, is locked out.
 *
 * @param now milliseconds since 1970
 */
export const acceptsPasswordFrom = (network: string, now: number): SQL =>
  sql`(case when ${isKnownNetwork(network, now)} then ${ownerFailures(now)} < ${MAX_OWNER_FAILURES} else ${users.lockedUntil} is null or ${users.lockedUntil} <= ${now} end and not exists (select 1 from ${loginFailures} where ${loginFailures.userId} = ${users.id} and ${loginFailures.network} = ${network} and ${loginFailures.lockedUntil} > ${now}))`;

/** True if the account accepts its current password for a change. @param now milliseconds since 1970 */
export const acceptsChange = (now: number): SQL =>
  sql`(${currentCount(users.changeFailures, users.changeFailingSince, now)} < ${MAX_CHANGE_FAILURES} and ${ownerFailures(now)} < ${MAX_OWNER_FAILURES})`;

/** The columns that a correct password resets. {@link clearFailures} deletes the failures by network. */
export const NO_FAILURES = {
  failedLogins: 0,
  failingSince: null,
  lockedUntil: null,
  knownFailures: 0,
  knownFailingSince: null,
  changeFailures: 0,
  changeFailingSince: null,
} as const;

/** The incremented values of a failure counter, in SQL, so that concurrent failures all count. */
function increment(count: Column, since: Column, now: number) {
  return {
    count: sql`(${currentCount(count, since, now)} + 1)`,
    since: sql`(case when ${since} > ${now - FAILURES_EXPIRE_MS} then ${since} else ${now} end)`,
  };
}

/** When a lock ends: a minute from now, doubled by each further failure, at most an hour. Null if not locked. */
function lockedUntil(count: SQL, lockAfter: number, now: number): SQL {
  const doublings = sql`min(${count} - ${lockAfter}, ${MAX_DOUBLINGS})`;
  return sql`case when ${count} >= ${lockAfter} then ${now} + min(${FIRST_LOCK_MS} << ${doublings}, ${LONGEST_LOCK_MS}) end`;
}

/**
 * Counts a failure of a network, if the account accepts passwords from it. A second statement updates the account:
 * {@link failureColumns}.
 */
export function countFailureOfNetwork(db: Database, userId: number, network: string, now: number) {
  const next = increment(loginFailures.failures, loginFailures.failingSince, now);
  return db
    .insert(loginFailures)
    .select(
      sql`select ${users.id}, ${network}, 1, ${now}, null from ${users} where ${users.id} = ${userId} and ${acceptsPasswordFrom(network, now)}`,
    )
    .onConflictDoUpdate({
      target: [loginFailures.userId, loginFailures.network],
      set: {
        failures: next.count,
        failingSince: next.since,
        lockedUntil: lockedUntil(next.count, NETWORK_LOCK_AFTER, now),
      },
    })
    .returning({ failures: loginFailures.failures });
}

/** The columns of `users` that a failed login changes, if {@link countFailureOfNetwork} has counted it. */
export function failureColumns(isKnown: boolean, now: number) {
  if (isKnown) {
    const next = increment(users.knownFailures, users.knownFailingSince, now);
    return { knownFailures: next.count, knownFailingSince: next.since };
  }
  const { count, since } = increment(users.failedLogins, users.failingSince, now);
  const lock = lockedUntil(count, UNKNOWN_NETWORKS_LOCK_AFTER, now);
  return {
    failedLogins: count,
    failingSince: since,
    lockedUntil: sql`case when ${count} >= ${MAX_UNKNOWN_NETWORK_FAILURES} then ${since} + ${FAILURES_EXPIRE_MS} else ${lock} end`,
  };
}

/** The columns of `users` that a wrong current password at a password change changes. */
export function changeFailureColumns(now: number) {
  const next = increment(users.changeFailures, users.changeFailingSince, now);
  return { changeFailures: next.count, changeFailingSince: next.since };
}

/** Deletes the failures of an account by network if the condition holds. */
export const clearFailures = (db: Database, userId: number, condition: Condition) =>
  onlyIf(condition, (holds) =>
    db.delete(loginFailures).where(sql`${loginFailures.userId} = ${userId} and ${holds}`),
  );
