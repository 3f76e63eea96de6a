import { is, Placeholder, type Query } from 'drizzle-orm';
import type { Database } from './database.ts';

/** A drizzle query with named placeholders. */
interface Preparable {
  toSQL(): Query;
  prepare(): { values(values: Values): Promise<unknown> };
}

type Values = Readonly<Record<string, string | number>>;

/**
 * Prepares a single-row query that nearly every request runs. The query returns the row's values in column order. Its
 * SQL is built once, because building it takes several times as long as running it. If the database runs in this
 * process, the query also bypasses drizzle and the driver: creating their objects for a row takes longer than SQLite
 * itself.
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
    // `values` resolves to a list of rows. Rows can be indexed like arrays.
    const [row] = (await prepared.values(values)) as readonly (readonly unknown[])[];
    return row;
  };
}

function nameOf(param: unknown): string {
  if (is(param, Placeholder)) return param.name;
  throw new Error('a look-up must have placeholders only');
}

function missing(name: string): never {
  throw new Error(`a look-up is missing its ${name}`);
}
