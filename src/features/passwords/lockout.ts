import { type Column, type SQL, sql } from 'drizzle-orm';
import { loginFailures } from '../../core/db/account-schema.ts';
import { type Condition, onlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import { isKnownNetwork } from '../networks/known.ts';

/** Consecutive failures from one network after which the account first locks that network out. */
const NETWORK_LOCK_AFTER = 10;
/** Consecutive failures from all unknown networks after which the account first locks all of them out. */
const UNKNOWN_NETWORKS_LOCK_AFTER = 20;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 3_600_000;
/** How often the first lock must be doubled to reach the longest. */
const MAX_DOUBLINGS = 6;

/**
 * NIST SP 800-63B-4 section 3.2.2 allows at most 100 consecutive failures. Networks from which the account has not
 * logged in recently are unknown. They share 80 failures, so that they cannot use up those of the owner.
 */
const MAX_UNKNOWN_NETWORK_FAILURES = 80;
/** Maximum number of failures from known networks, and at password changes and re-authentications, together. */
const MAX_OWNER_FAILURES = 20;
/**
 * Maximum number of failures at password changes and re-authentications. A thief with a session leaves the owner half of
 * {@link MAX_OWNER_FAILURES}.
 */
const MAX_CHANGE_FAILURES = 10;
/** How long consecutive failures count, starting with the first. */
export const FAILURES_EXPIRE_MS = 30 * 86_400_000;
/** The number of failures that count now: zero if the first one has expired. */
const currentCount = (count: Column, since: Column, now: number): SQL =>
  sql`(case when ${since} > ${now - FAILURES_EXPIRE_MS} then ${count} else 0 end)`;

const ownerFailures = (now: number): SQL =>
  sql`(${currentCount(users.knownFailures, users.knownFailingSince, now)} + ${currentCount(users.changeFailures, users.changeFailingSince, now)})`;

/**
 * True if the account in the `users` row accepts a password from a network. The network itself must not be locked out,
 * and neither must all networks of its kind, known or unknown.
 *
 * @param now milliseconds since 1970
 */
export const acceptsPasswordFrom = (network: string, now: number): SQL =>
  sql`(case when ${isKnownNetwork(network, now)} then ${ownerFailures(now)} < ${MAX_OWNER_FAILURES} else ${users.lockedUntil} is null or ${users.lockedUntil} <= ${now} end and not exists (select 1 from ${loginFailures} where ${loginFailures.userId} = ${users.id} and ${loginFailures.network} = ${network} and ${loginFailures.lockedUntil} > ${now}))`;

/**
 * True if the account accepts its current password for a password change or a re-authentication.
 *
 * @param now milliseconds since 1970
 */
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

/** Returns the incremented values of a failure counter as SQL, so that all concurrent failures are counted. */
function increment(count: Column, since: Column, now: number) {
  return {
    count: sql`(${currentCount(count, since, now)} + 1)`,
    since: sql`(case when ${since} > ${now - FAILURES_EXPIRE_MS} then ${since} else ${now} end)`,
  };
}

/**
 * Returns the end of a lock: in a minute, doubled by each further failure, but at most in an hour. Null if not locked.
 */
function lockedUntil(count: SQL, lockAfter: number, now: number): SQL {
  const doublings = sql`min(${count} - ${lockAfter}, ${MAX_DOUBLINGS})`;
  return sql`case when ${count} >= ${lockAfter} then ${now} + min(${FIRST_LOCK_MS} << ${doublings}, ${LONGEST_LOCK_MS}) end`;
}

/**
 * Counts a failure for a network, if the account accepts passwords from it. A second statement must update the account
 * with {@link failureColumns}.
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

/** The columns of `users` that change after a failed login, if {@link countFailureOfNetwork} has counted it. */
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

/** The columns of `users` that a wrong password at a password change or a re-authentication changes. */
export function changeFailureColumns(now: number) {
  const next = increment(users.changeFailures, users.changeFailingSince, now);
  return { changeFailures: next.count, changeFailingSince: next.since };
}

/** Deletes the failures by network of an account, if the condition holds. */
export const clearFailures = (db: Database, userId: number, condition: Condition) =>
  onlyIf(condition, (holds) =>
    db.delete(loginFailures).where(sql`${loginFailures.userId} = ${userId} and ${holds}`),
  );
