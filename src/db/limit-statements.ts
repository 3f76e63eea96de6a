import { sql } from 'drizzle-orm';
import type { Quota } from '../limits/quota.ts';
import type { Database } from './database.ts';
import { rateLimits } from './schema.ts';

/**
 * Counts one hit, and gives the counter. Gives no row, and writes nothing, where the quota of this window
 * is used up: one statement, so that of any number at once exactly the quota gets through.
 *
 * @param now milliseconds since 1970
 */
export function countHit(db: Database, key: string, { count, seconds }: Quota, now: number) {
  const resetsAt = now + seconds * 1000;
  // Much longer than a window is left where a clock was set back, or the window was made shorter. Up to a
  // window more may be the clock of another server that is ahead.
  const tooLate = resetsAt + seconds * 1000;
  const isOver = sql`(${rateLimits.resetsAt} <= ${now} or ${rateLimits.resetsAt} > ${tooLate})`;
  return db
    .insert(rateLimits)
    .values({ key, hits: 1, resetsAt })
    .onConflictDoUpdate({
      target: rateLimits.key,
      set: {
        hits: sql`case when ${isOver} then 1 else ${rateLimits.hits} + 1 end`,
        resetsAt: sql`case when ${isOver} then ${resetsAt} else ${rateLimits.resetsAt} end`,
      },
      setWhere: sql`${isOver} or ${rateLimits.hits} < ${count}`,
    })
    .returning({ hits: rateLimits.hits, resetsAt: rateLimits.resetsAt });
}
