import { getTableColumns, type InferInsertModel, type SQL, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { Condition } from './change.ts';
import type { Database } from './database.ts';

/** The values of a row; those in SQL are computed when the statement runs. */
type RowValues<Table extends SQLiteTable> = {
  readonly [Name in keyof InferInsertModel<Table>]: InferInsertModel<Table>[Name] | SQL;
};

/** Inserts a row if a condition holds. */
export const insertWhere = <Table extends SQLiteTable>(
  db: Database,
  table: Table,
  values: RowValues<Table>,
  condition: Condition,
) => db.insert(table).select(sql`select ${rowOf(table, values)} where ${condition}`);

/** The values of a row, in column order. Columns that are left out get the default of the schema, or null. */
export function rowOf<Table extends SQLiteTable>(table: Table, values: RowValues<Table>): SQL {
  const given = new Map<string, unknown>(Object.entries(values));
  const row = Object.entries(getTableColumns(table)).map(([name, column]) =>
    given.has(name) ? given.get(name) : (column.default ?? null),
  );
  return sql.join(
    row.map((value) => sql`${value}`),
    sql`, `,
  );
}
