import { type Column, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
import { prepareStatement } from '../../core/db/prepared-statement.ts';
import { rateLimits } from '../../core/db/schema.ts';
import type { Quota } from '../../core/quota.ts';

const [now, resetsAt] = [sql.placeholder('now'), sql.placeholder('resetsAt')];
const [tooLate, most] = [sql.placeholder('tooLate'), sql.placeholder('most')];

/** What the statements of a limit need to know of it. Times are in milliseconds since 1970. */
interface LimitValues extends Record<string, number> {
  readonly now: number;
  /** When a window ends that begins now. */
  readonly resetsAt: number;
  /** A window that ends later than this was set by a wrong clock. */
  readonly tooLate: number;
  /** How many hits a window may have. */
  readonly most: number;
}

/** @param at milliseconds since 1970 */
export function limitValues({ count, seconds }: Quota, at: number): LimitValues {
  const window = seconds * 1000;
  // Much longer than a window is left where a clock was set back, or the window was made shorter. Up to
  // a window more may be the clock of another server that is ahead.
  return { now: at, resetsAt: at + window, tooLate: at + 2 * window, most: count };
}

/** A counter, by its two columns, with {@link limitValues} in its statement. */
export function counterOf(columns: { readonly hits: Column; readonly resetsAt: Column }) {
  const isOver = sql`(${columns.resetsAt} <= ${now} or ${columns.resetsAt} > ${tooLate})`;
  return {
    /** The values of both columns after one hit more. */
    hits: sql`case when ${isOver} then 1 else ${columns.hits} + 1 end`,
    resetsAt: sql`case when ${isOver} then ${resetsAt} else ${columns.resetsAt} end`,
    /** True if one hit more is within the quota. */
    isOpen: sql`(${isOver} or ${columns.hits} < ${most})`,
  };
}

/**
 * Prepares the statement that counts one hit and returns the counter. It returns no row and writes nothing
 * where the quota of this window is used up: one statement, so that of any number at once exactly the quota
 * gets through.
 *
 * @param condition what must be true besides; without it the hit is not counted either
 * @param isExempt where it is true the hit passes, whatever the counter says, and is not counted
 */
export function prepareHit(db: Database, condition: SQL = sql`true`, isExempt: SQL = sql`false`) {
  const counter = counterOf(rateLimits);
  const unless = (counted: SQL, column: Column) =>
    sql`case when ${isExempt} then ${column} else ${counted} end`;
  const statement = prepareStatement(
    db
      .insert(rateLimits)
      .select(
        sql`select ${sql.placeholder('key')}, case when ${isExempt} then 0 else 1 end, ${resetsAt} where ${condition}`,
      )
      .onConflictDoUpdate({
        target: rateLimits.key,
        set: {
          hits: unless(counter.hits, rateLimits.hits),
          resetsAt: unless(counter.resetsAt, rateLimits.resetsAt),
        },
        setWhere: sql`${isExempt} or ${counter.isOpen}`,
      })
      .returning({ hits: rateLimits.hits, resetsAt: rateLimits.resetsAt }),
  );
  /** @param at milliseconds since 1970 @param more values that `condition` and `isExempt` have places for */
  return (key: string, quota: Quota, at: number, more: Readonly<Record<string, unknown>> = {}) =>
    statement({ key, ...more, ...limitValues(quota, at) });
}
