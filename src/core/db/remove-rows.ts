import { type SQL, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Database } from './database.ts';

/**
 * Deletes at most `limit` rows by one statement. Returns the number of deleted rows.
 *
 * @param which the condition; must be covered by an index, so that the statement does not scan the table
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
