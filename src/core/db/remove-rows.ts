import { type SQL, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Database } from './database.ts';

/**
 * Deletes rows by one statement, as many as `limit`. Returns how many there were.
 *
 * @param which has to be found by an index: the rest of the table is not for this to walk through
 */
export async function removeRows(
  db: Database,
  table: SQLiteTable,
  which: SQL | undefined,
  limit: number,
): Promise<number> {
  const some = db.select({ rowid: sql`rowid` }).from(table).where(which).limit(limit);
  const removed = await db
    .delete(table)
    .where(sql`rowid in ${some}`)
    .returning({ removed: sql`1` });
  return removed.length;
}
