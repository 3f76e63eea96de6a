import { type Column, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
import { loginFailures, users } from '../../core/db/schema.ts';
import { isKnownNetwork } from '../networks/known.ts';

/** Wrong passwords in a row from one network before it is locked out of the account for the first time. */
const FREE_OF_NETWORK = 10;
/** Wrong passwords in a row from all unknown networks before they are locked out together. */
const FREE_OF_STRANGERS = 20;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 3_600_000;
/** After so many doublings the longest lock is reached. */
const MAX_DOUBLINGS = 6;

/**
 * NIST SP 800-63B-4 section 3.2.2: at most 100 failures in a row. Networks that the account has not logged in
 * from have 80 of them, so that they cannot use up those of its owner.
 */
const MOST_OF_STRANGERS = 80;
/** Those of known networks and of changes of the password, together. */
const MOST_OF_OWNER = 20;
/** Those of changes alone: a stolen session leaves its owner half of the logins from known networks. */
const MOST_OF_CHANGES = 10;
/** How long a row of failures lasts, from its first one. */
export const FAILURES_LAST_MS = 30 * 86_400_000;
/** Failures that count at this moment: a row that began too long ago is over. */
const current = (count: Column, since: Column, now: number): SQL =>
  sql`(case when ${since} > ${now - FAILURES_LAST_MS} then ${count} else 0 end)`;

const failuresOfOwner = (now: number): SQL =>
  sql`(${current(users.knownFailures, users.knownFailingSince, now)} + ${current(users.changeFailures, users.changeFailingSince, now)})`;

/**
 * True if the account of the row of `users` accepts a password from a network: the network is not locked out
 * of it, and neither are all networks of its kind.
 *
 * @param now milliseconds since 1970
 */
export const isOpenTo = (network: string, now: number): SQL =>
  sql`(case when ${isKnownNetwork(network, now)} then ${failuresOfOwner(now)} < ${MOST_OF_OWNER} else ${users.lockedUntil} is null or ${users.lockedUntil} <= ${now} end and not exists (select 1 from ${loginFailures} where ${loginFailures.userId} = ${users.id} and ${loginFailures.network} = ${network} and ${loginFailures.lockedUntil} > ${now}))`;

/** True if the account accepts its current password for a change of it. @param now milliseconds since 1970 */
export const isOpenToChanges = (now: number): SQL =>
  sql`(${current(users.changeFailures, users.changeFailingSince, now)} < ${MOST_OF_CHANGES} and ${failuresOfOwner(now)} < ${MOST_OF_OWNER})`;

/** What a right password changes. Failures by network are rows of their own: {@link forgetFailures}. */
export const NO_FAILURES = {
  failedLogins: 0,
  failingSince: null,
  lockedUntil: null,
  knownFailures: 0,
  knownFailingSince: null,
  changeFailures: 0,
  changeFailingSince: null,
} as const;

/** The next values of a counter of failures, in SQL, so that failures at the same time are counted each. */
function oneMore(count: Column, since: Column, now: number) {
  return {
    count: sql`(${current(count, since, now)} + 1)`,
    since: sql`(case when ${since} > ${now - FAILURES_LAST_MS} then ${since} else ${now} end)`,
  };
}

/** When a lock ends: a minute from now, twice as long after each further failure, an hour at most. */
function lockedUntil(count: SQL, free: number, now: number): SQL {
  const doublings = sql`min(${count} - ${free}, ${MAX_DOUBLINGS})`;
  return sql`case when ${count} >= ${free} then ${now} + min(${FIRST_LOCK_MS} << ${doublings}, ${LONGEST_LOCK_MS}) end`;
}

/** Counts a wrong password for its network, unless the account is not open to it. The first of two statements. */
export function countFailureOfNetwork(db: Database, userId: number, network: string, now: number) {
  const next = oneMore(loginFailures.failures, loginFailures.failingSince, now);
  return db
    .insert(loginFailures)
    .select(
      sql`select ${users.id}, ${network}, 1, ${now}, null from ${users} where ${users.id} = ${userId} and ${isOpenTo(network, now)}`,
    )
    .onConflictDoUpdate({
      target: [loginFailures.userId, loginFailures.network],
      set: {
        failures: next.count,
        failingSince: next.since,
        lockedUntil: lockedUntil(next.count, FREE_OF_NETWORK, now),
      },
    })
    .returning({ failures: loginFailures.failures });
}

/** What the second statement changes of the account, if the first one has counted. */
export function failureColumns(isKnown: boolean, now: number) {
  if (isKnown) {
    const next = oneMore(users.knownFailures, users.knownFailingSince, now);
    return { knownFailures: next.count, knownFailingSince: next.since };
  }
  const { count, since } = oneMore(users.failedLogins, users.failingSince, now);
  const lock = lockedUntil(count, FREE_OF_STRANGERS, now);
  return {
    failedLogins: count,
    failingSince: since,
    lockedUntil: sql`case when ${count} >= ${MOST_OF_STRANGERS} then ${since} + ${FAILURES_LAST_MS} else ${lock} end`,
  };
}

/** What a wrong current password at a change changes. */
export function changeFailureColumns(now: number) {
  const next = oneMore(users.changeFailures, users.changeFailingSince, now);
  return { changeFailures: next.count, changeFailingSince: next.since };
}

/** Forgets what an account's networks have done wrong. @param condition what must be true besides */
export const forgetFailures = (db: Database, userId: number, condition: SQL) =>
  db.delete(loginFailures).where(sql`${loginFailures.userId} = ${userId} and ${condition}`);
