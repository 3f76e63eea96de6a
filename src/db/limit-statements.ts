import { type SQL, sql } from 'drizzle-orm';
import type { Quota } from '../limits/quota.ts';
import type { Database } from './database.ts';
import { prepareStatement } from './prepared-statement.ts';
import { rateLimits } from './schema.ts';

/**
 * Prepares the statement that counts one hit, and gives the counter. It gives no row, and writes nothing,
 * where the quota of this window is used up: one statement, so that of any number at once exactly the quota
 * gets through.
 *
 * @param condition what must be true besides; without it the hit is not counted either
 */
export function prepareHit(db: Database, condition: SQL = sql`true`) {
  const [now, resetsAt] = [sql.placeholder('now'), sql.placeholder('resetsAt')];
  const isOver = sql`(${rateLimits.resetsAt} <= ${now} or ${rateLimits.resetsAt} > ${sql.placeholder('tooLate')})`;
  const statement = prepareStatement(
    db
      .insert(rateLimits)
      .select(sql`select ${sql.placeholder('key')}, 1, ${resetsAt} where ${condition}`)
      .onConflictDoUpdate({
        target: rateLimits.key,
        set: {
          hits: sql`case when ${isOver} then 1 else ${rateLimits.hits} + 1 end`,
          resetsAt: sql`case when ${isOver} then ${resetsAt} else ${rateLimits.resetsAt} end`,
        },
        setWhere: sql`${isOver} or ${rateLimits.hits} < ${sql.placeholder('count')}`,
      })
      .returning({ hits: rateLimits.hits, resetsAt: rateLimits.resetsAt }),
  );
  /** @param at milliseconds since 1970 */
  return (key: string, { count, seconds }: Quota, at: number) => {
    const window = seconds * 1000;
    // Much longer than a window is left where a clock was set back, or the window was made shorter. Up to
    // a window more may be the clock of another server that is ahead.
    return statement({ key, count, now: at, resetsAt: at + window, tooLate: at + 2 * window });
  };
}
