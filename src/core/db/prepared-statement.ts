import { fillPlaceholders, type Query } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';

/** A statement of drizzle's, with placeholders by name. */
type Preparable = BatchItem<'sqlite'> & {
  prepare(): { getQuery(): Query };
};

/**
 * Puts a statement together once, for batches: drizzle takes the text of a prepared statement for single
 * calls only, and builds that of a batch each time, which takes several times as long as to run it.
 *
 * @returns a function from values to the statement, for a batch
 */
export function prepareStatement<Statement extends Preparable>(
  statement: Statement,
): (values: Readonly<Record<string, unknown>>) => Statement {
  const prepared = statement.prepare();
  const { sql, params } = prepared.getQuery();
  return (values) => {
    const getQuery = () => ({ sql, params: fillPlaceholders(params, values) });
    const filled = Object.assign(Object.create(prepared), { getQuery });
    // All that a batch asks of a statement.
    return Object.assign(Object.create(statement), { _prepare: () => filled });
  };
}
