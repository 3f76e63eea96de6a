import type { IntMode, ResultSet } from '@libsql/client';
import type Database from 'libsql';
import { BoundedMap } from '../../../core/bounded-map.ts';
import { isAbortedByRollback, isBusy } from './errors.ts';
import { resultSet, rowsOf } from './results.ts';
import type { SqlArgs } from './values.ts';

/** A prepared statement. It may run any number of times. */
export interface PreparedStatement {
  /** Runs to completion, so that no lock and no snapshot remains. */
  run(args: SqlArgs): ResultSet;
  /** Returns the values of the first row, with integers as the driver returns them. Reads no further row. */
  first(args: SqlArgs): readonly unknown[] | undefined;
}

/** The statement cache of one connection. */
export interface Statements {
  /** Returns the cached statement with this text, or prepares one. */
  prepare(sql: string, args: SqlArgs): PreparedStatement;
  /** Empties the cache, because columns may have changed or the connection closes. */
  forget(): void;
  /** The number of cached statements. */
  readonly size: number;
}

/**
 * Matches statements that are worth caching. Excludes PRAGMA, because some pragmas take effect when they are prepared,
 * and a cached one would do nothing. Excludes DDL, which runs only once.
 */
const CACHEABLE =
  /^\s*(?:select|insert|update|delete|replace|with|values|begin|commit|rollback|savepoint|release)\b/i;
/** After these statements, a cached statement may have other columns. */
const CHANGES_SCHEMA = /^\s*(?:create|alter|drop|attach|detach)\b/i;

/**
 * Caches the `limit` most recently used statements. The driver has no call to finalize an evicted statement. It
 * finalizes the statement when the object is garbage-collected.
 */
export function createStatements(
  database: Database.Database,
  intMode: IntMode,
  limit: number,
): Statements {
  const cached = new BoundedMap<string, PreparedStatement>(limit);
  return {
    prepare(sql, args) {
      const known = cached.get(sql);
      // With named arguments, the cache could not know which positions are bound.
      if (!Array.isArray(args) || (!known && !CACHEABLE.test(sql))) {
        if (CHANGES_SCHEMA.test(sql)) cached.clear();
        return prepare(database, sql, intMode);
      }
      const statement = known ?? prepare(database, sql, intMode);
      cached.set(sql, statement);
      return statement;
    },
    forget: () => cached.clear(),
    get size() {
      return cached.size;
    },
  };
}

function prepare(database: Database.Database, sql: string, intMode: IntMode): PreparedStatement {
  const statement = database.prepare(sql);
  const execute = statement.reader
    ? rowsBy(statement, sql, intMode)
    : (args: SqlArgs) => changesBy(statement, args);
  const bind = createBinder();
  function attempt<T>(args: SqlArgs, step: (bound: SqlArgs) => T): T {
    const bound = bind(args);
    try {
      return step(bound);
    } catch (error) {
      if (isAbortedByRollback(error)) return step(bound);
      if (isBusy(error)) release(database, () => step(bound));
      throw error;
    }
  }
  // `raw` mode returns rows as arrays.
  const firstRow = (bound: SqlArgs) => statement.get(bound) as readonly unknown[] | undefined;
  return {
    run: (args) => attempt(args, execute),
    first: (args) => attempt(args, firstRow),
  };
}

function changesBy(statement: Database.Statement, args: SqlArgs): ResultSet {
  const { changes, lastInsertRowid } = statement.run(args);
  return resultSet({
    columns: [],
    columnTypes: [],
    rows: [],
    rowsAffected: changes,
    lastInsertRowid: BigInt(lastInsertRowid),
  });
}

function rowsBy(statement: Database.Statement, sql: string, intMode: IntMode) {
  statement.safeIntegers(true).raw(true);
  const shape = () => {
    const definitions = statement.columns();
    const columns = definitions.map(({ name }) => name);
    const columnTypes = definitions.map(({ type }) => type ?? '');
    return { columns, columnTypes, toRow: rowsOf(columns, intMode) };
  };
  // The columns of `*` may change after another process migrates, because SQLite then prepares the statement again.
  // Explicit columns do not change, and querying them takes longer than reading a row.
  const fixed = sql.includes('*') ? undefined : shape();
  return (args: SqlArgs): ResultSet => {
    const rows = statement.all(args) as unknown[][]; // `raw` mode returns rows as arrays.
    const { columns, columnTypes, toRow } = fixed ?? shape();
    return resultSet({
      columns: [...columns],
      columnTypes: [...columnTypes],
      rows: rows.map(toRow),
      rowsAffected: 0,
      lastInsertRowid: undefined,
    });
  };
}

/**
 * Ends a statement that found the database locked. The driver leaves such a statement unfinished. Until it ends, SQLite
 * commits no write of the connection, not even one that was reported as done. The driver has no call to reset a
 * statement, but under `query_only` the statement ends with SQLITE_READONLY before it requests the lock.
 */
function release(database: Database.Database, again: () => unknown): void {
  database.exec('PRAGMA query_only = ON');
  try {
    again();
  } catch {
    // Expected: SQLITE_READONLY.
  } finally {
    database.exec('PRAGMA query_only = OFF');
  }
}

/**
 * Returns a function that pads a list of arguments with NULL if an earlier list was longer. The driver binds only the
 * arguments it gets and leaves the other positions unchanged, but must never reuse values of another request.
 */
function createBinder(): (args: SqlArgs) => SqlArgs {
  let widest = 0;
  return (args) => {
    if (!Array.isArray(args)) return args;
    if (args.length < widest) return [...args, ...Array(widest - args.length).fill(null)];
    widest = args.length;
    return args;
  };
}
