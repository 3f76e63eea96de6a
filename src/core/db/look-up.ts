import { is, Placeholder, type Query } from 'drizzle-orm';
import type { Database } from './database.ts';

/** A query of drizzle's, with placeholders by name. */
interface Preparable {
  toSQL(): Query;
  prepare(): { values(values: Values): Promise<unknown> };
}

type Values = Readonly<Record<string, string | number>>;

/**
 * Prepares a query for one row that nearly every request needs. It returns the row's values in the order of
 * its columns. To put the SQL together takes several times as long as to run it, so it is done once; and
 * where the database is in this process, the query passes by drizzle and the objects that it and its driver
 * make of a row, which together take longer than SQLite does.
 */
export function prepareLookUp(
  db: Database,
  query: Preparable,
): (values: Values) => Promise<readonly unknown[] | undefined> {
  const { sql, params } = query.toSQL();
  const find = db.lookUp?.(sql);
  if (find) {
    const names = params.map(nameOf);
    return (values) => find(names.map((name) => values[name] ?? missing(name)));
  }
  const prepared = query.prepare();
  return async (values) => {
    // A list of rows, each of which can be indexed.
    const [row] = (await prepared.values(values)) as readonly (readonly unknown[])[];
    return row;
  };
}

function nameOf(param: unknown): string {
  if (is(param, Placeholder)) return param.name;
  throw new Error('a look-up takes nothing but placeholders');
}

function missing(name: string): never {
  throw new Error(`a look-up lacks its ${name}`);
}
