import { type Column, type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
import { prepareStatement } from '../../core/db/prepared-statement.ts';
import { rateLimits } from '../../core/db/schema.ts';
import type { Quota } from '../../core/quota.ts';

const [now, resetsAt] = [sql.placeholder('now'), sql.placeholder('resetsAt')];
const [tooLate, most] = [sql.placeholder('tooLate'), sql.placeholder('most')];

/** The placeholder values of a limit's statements. Times are in milliseconds since 1970. */
interface LimitValues extends Record<string, number> {
  readonly now: number;
  /** The end of a window that begins now. */
  readonly resetsAt: number;
  /** A window that ends later than this is invalid, because it was set by a wrong clock. */
  readonly tooLate: number;
  /** Maximum number of hits in a window. */
  readonly most: number;
}

/** @param at milliseconds since 1970 */
export function limitValues({ count, seconds }: Quota, at: number): LimitValues {
  const window = seconds * 1000;
  // A window may end too late because a clock was set back or the configured window was shortened. One extra window is
  // tolerated, because the clock of another server may be ahead.
  return { now: at, resetsAt: at + window, tooLate: at + 2 * window, most: count };
}

/** SQL expressions for a counter in two columns. A statement that contains them needs {@link limitValues}. */
export function counterOf(columns: { readonly hits: Column; readonly resetsAt: Column }) {
  const isWindowOver = sql`(${columns.resetsAt} <= ${now} or ${columns.resetsAt} > ${tooLate})`;
  return {
    /** The new value of the column after one more hit. `resetsAt` is the new value of the other column. */
    hits: sql`case when ${isWindowOver} then 1 else ${columns.hits} + 1 end`,
    resetsAt: sql`case when ${isWindowOver} then ${resetsAt} else ${columns.resetsAt} end`,
    /** True if one more hit is within the quota. */
    isOpen: sql`(${isWindowOver} or ${columns.hits} < ${most})`,
  };
}

/**
 * Prepares the statement that counts one hit and returns the counter. If the quota of the window is used up, it returns
 * no row and writes nothing. A single statement, so that concurrent hits cannot exceed the quota.
 *
 * @param condition must hold as well, or the hit is not counted
 * @param isExempt if it holds, the hit passes regardless of the counter, and is not counted
 */
export function prepareHit(db: Database, condition: SQL = sql`true`, isExempt: SQL = sql`false`) {
  const counter = counterOf(rateLimits);
  const unlessExempt = (counted: SQL, column: Column) =>
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
          hits: unlessExempt(counter.hits, rateLimits.hits),
          resetsAt: unlessExempt(counter.resetsAt, rateLimits.resetsAt),
        },
        setWhere: sql`${isExempt} or ${counter.isOpen}`,
      })
      .returning({ hits: rateLimits.hits, resetsAt: rateLimits.resetsAt }),
  );
  /**
   * @param at milliseconds since 1970
   * @param more values for the placeholders in `condition` and `isExempt`
   */
  return (key: string, quota: Quota, at: number, more: Readonly<Record<string, unknown>> = {}) =>
    statement({ key, ...more, ...limitValues(quota, at) });
}
