import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Condition } from './change.ts';
import type { Database } from './database.ts';

/** Where a row is in a list: its sort key, and its id among rows with the same key. */
export interface Position {
  readonly key: string | number;
  readonly id: number;
}

/** A row of a range. */
export interface RangeRow extends Position {
  /** True if the row meets the conditions that are not part of the range. */
  readonly isMatch: boolean;
}

/** Rows that follow each other in one index, whose entries end with the rowid. */
export interface IndexRange {
  readonly table: SQLiteTable;
  /** The last column of the index, not null in the range. */
  readonly key: SQLWrapper;
  /** The rowid; the key itself if that is unique. */
  readonly id: SQLWrapper;
  readonly order: 'asc' | 'desc';
  /** The equal columns before the key, and the condition of a partial index. */
  readonly within?: Condition | undefined;
  /** The lowest key; the highest one in descending order. */
  readonly from: string | number;
  /** Keys are below it; above it in descending order. */
  readonly until?: string | number | undefined;
  /** Further conditions. They are part of no index, so rows that do not meet them are read and returned as well. */
  readonly matches?: Condition | undefined;
}

/**
 * Reads at most `limit` rows of a range after a position. Rows with the key of the position are read first, by a
 * statement of their own: any number of equal keys cost no more than a few.
 */
export async function readRange(
  db: Database,
  range: IndexRange,
  after: Position | undefined,
  limit: number,
): Promise<readonly RangeRow[]> {
  const { key, id, order, from, until } = range;
  const [beyond, orAt, before] =
    order === 'asc' ? ([sql`>`, sql`>=`, sql`<`] as const) : ([sql`<`, sql`<=`, sql`>`] as const);
  const end = until === undefined ? undefined : sql`${key} ${before} ${until}`;
  if (!after || isBefore(after.key, range)) {
    return read(db, range, [sql`${key} ${orAt} ${from}`, end], limit);
  }
  const equal = [sql`${key} = ${after.key}`, sql`${id} ${beyond} ${after.id}`, end];
  const ties = key === id ? [] : await read(db, range, equal, limit);
  if (ties.length === limit) return ties;
  const rest = [sql`${key} ${beyond} ${after.key}`, end];
  return [...ties, ...(await read(db, range, rest, limit - ties.length))];
}

async function read(
  db: Database,
  { table, key, id, order, within, matches = sql`true` }: IndexRange,
  bounds: readonly (SQL | undefined)[],
  limit: number,
): Promise<RangeRow[]> {
  const conditions = [within, ...bounds].filter((condition) => condition !== undefined);
  const direction = order === 'asc' ? sql`asc` : sql`desc`;
  const rows = await db
    .select({
      // Nested, so that drizzle keeps the names of the tables.
      key: sql<string | number>`${sql`${key}`}`.as('position_key'),
      id: sql<number>`${sql`${id}`}`.as('position_id'),
      isMatch: sql<number>`(${sql`${matches}`})`.as('is_match'),
    })
    .from(table)
    .where(sql.join(conditions, sql` and `))
    .orderBy(sql`${key} ${direction}`, ...(key === id ? [] : [sql`${id} ${direction}`]))
    .limit(limit);
  return rows.map((row) => ({ ...row, isMatch: row.isMatch === 1 }));
}

/** Compares as SQLite does: numbers by value, texts by their UTF-8 bytes, whose order is that of the code points. */
export function compareKeys(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [one, other] = [String(a), String(b)];
  let at = 0;
  while (at < one.length && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  return (one.codePointAt(at) ?? -1) - (other.codePointAt(at) ?? -1);
}

const isBefore = (key: string | number, { order, from }: IndexRange): boolean =>
  order === 'asc' ? compareKeys(key, from) < 0 : compareKeys(key, from) > 0;
