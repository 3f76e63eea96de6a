import { sql } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
import { outbox } from '../../core/db/schema.ts';

/** Bounds the rows that a scrape reads. */
const MAX_COUNTED = 10_000;

/** The messages that wait to be sent. */
export interface Backlog {
  /** At most 10,000. */
  readonly count: number;
  /** When the first of them is due, in milliseconds since 1970; null if none waits. A retry is due later. */
  readonly firstDue: number | null;
}

/** Reads the backlog from the index of waiting messages, at most 10,000 of those that are due first. */
export async function readBacklog(db: Database): Promise<Backlog> {
  const waiting = db
    .select({ notBefore: outbox.notBefore })
    .from(outbox)
    // A literal: the partial index does not serve a bound parameter.
    .where(sql`state = 'waiting'`)
    .orderBy(outbox.notBefore)
    .limit(MAX_COUNTED)
    .as('waiting');
  const [backlog] = await db
    .select({
      count: sql<number>`count(*)`,
      firstDue: sql<number | null>`min(${waiting.notBefore})`,
    })
    .from(waiting);
  return backlog ?? { count: 0, firstDue: null };
}
