import { fillPlaceholders, type Query } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';

/** A drizzle statement with named placeholders. */
type Preparable = BatchItem<'sqlite'> & {
  prepare(): { getQuery(): Query };
};

/**
 * Builds the SQL of a statement once, for use in batches. drizzle reuses the SQL of a prepared statement only for
 * single calls. For a batch it builds the SQL each time, which takes several times as long as running the statement.
 *
 * @returns a function that binds values and returns a statement for a batch
 */
export function prepareStatement<Statement extends Preparable>(
  statement: Statement,
): (values: Readonly<Record<string, unknown>>) => Statement {
  const prepared = statement.prepare();
  const { sql, params } = prepared.getQuery();
  return (values) => {
    const getQuery = () => ({ sql, params: fillPlaceholders(params, values) });
    const filled = Object.assign(Object.create(prepared), { getQuery });
    // A batch calls only this method of a statement.
    return Object.assign(Object.create(statement), { _prepare: () => filled });
  };
}
