import { type SQL, sql } from 'drizzle-orm';
import { users } from '../db/schema.ts';

/** Wrong passwords in a row before an account is locked for the first time. */
const FREE_FAILURES = 10;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 3_600_000;
/** After so many doublings the longest lock is reached. */
const MAX_DOUBLINGS = 6;
/** NIST SP 800-63B-4 section 3.2.2: no more than 100 failures in a row … */
const MOST_FAILURES = 100;
/** … in a month. */
const MONTH_MS = 30 * 86_400_000;

/**
 * What a wrong password changes: after ten in a row the account is locked for a minute, after each further
 * one for twice as long, an hour at most. The hundredth locks it until a month has gone by since the first.
 * All of it is said in SQL, so that wrong passwords at once are counted each.
 *
 * @param now milliseconds since 1970
 */
export function failureColumns(
  now: number,
): Record<'failedLogins' | 'failingSince' | 'lockedUntil', SQL> {
  const isNewRow = sql`(${users.failingSince} is null or ${users.failingSince} <= ${now - MONTH_MS})`;
  const count = sql`(case when ${isNewRow} then 1 else ${users.failedLogins} + 1 end)`;
  const since = sql`(case when ${isNewRow} then ${now} else ${users.failingSince} end)`;
  const doublings = sql`min(${count} - ${FREE_FAILURES}, ${MAX_DOUBLINGS})`;
  const lock = sql`min(${FIRST_LOCK_MS} << ${doublings}, ${LONGEST_LOCK_MS})`;
  return {
    failedLogins: count,
    failingSince: since,
    lockedUntil: sql`case when ${count} >= ${MOST_FAILURES} then ${since} + ${MONTH_MS} when ${count} >= ${FREE_FAILURES} then ${now} + ${lock} end`,
  };
}

/** What a right password changes. */
export const NO_FAILURES = { failedLogins: 0, failingSince: null, lockedUntil: null } as const;

/** Whether an account takes passwords. @param now milliseconds since 1970 */
export const isUnlocked = (now: number): SQL =>
  sql`(${users.lockedUntil} is null or ${users.lockedUntil} <= ${now})`;
