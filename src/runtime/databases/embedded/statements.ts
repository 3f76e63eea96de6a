import type { IntMode, ResultSet } from '@libsql/client';
import type Database from 'libsql';
import { BoundedMap } from '../../../core/bounded-map.ts';
import { isBusy, isLeftBehind } from './errors.ts';
import { resultSet, rowsOf } from './results.ts';
import type { SqlArgs } from './values.ts';

/** A prepared statement, which may be run again and again. */
export interface PreparedStatement {
  /** Runs it to its end, so that it holds no lock and no snapshot afterwards. */
  run(args: SqlArgs): ResultSet;
  /** The values of the first row, with integers as the driver returns them. The rest is not read. */
  first(args: SqlArgs): readonly unknown[] | undefined;
}

/** The statements of one connection. */
export interface Statements {
  /** The statement of this text, kept from its last use or prepared now. */
  prepare(sql: string, args: SqlArgs): PreparedStatement;
  /** Lets go of all: their shapes may have changed, or the connection ends. */
  forget(): void;
  /** How many are kept. */
  readonly size: number;
}

/**
 * What is worth keeping. No PRAGMA: some of them act as they are prepared, so a kept one would do nothing.
 * No DDL, which runs once.
 */
const KEPT =
  /^\s*(?:select|insert|update|delete|replace|with|values|begin|commit|rollback|savepoint|release)\b/i;
/** After these a kept statement may have other columns. */
const CHANGES_SCHEMA = /^\s*(?:create|alter|drop|attach|detach)\b/i;

/**
 * Keeps the `limit` statements that were used last. One that falls out is finalised by the driver when its
 * object is collected; there is no call for it.
 */
export function createStatements(
  database: Database.Database,
  intMode: IntMode,
  limit: number,
): Statements {
  const kept = new BoundedMap<string, PreparedStatement>(limit);
  return {
    prepare(sql, args) {
      const known = kept.get(sql);
      // Arguments by name would leave unknown what is bound by position.
      if (!Array.isArray(args) || (!known && !KEPT.test(sql))) {
        if (CHANGES_SCHEMA.test(sql)) kept.clear();
        return prepare(database, sql, intMode);
      }
      const statement = known ?? prepare(database, sql, intMode);
      kept.set(sql, statement);
      return statement;
    },
    forget: () => kept.clear(),
    get size() {
      return kept.size;
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
      if (isLeftBehind(error)) return step(bound);
      if (isBusy(error)) release(database, () => step(bound));
      throw error;
    }
  }
  // The shape that `raw` returns.
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
  // `*` becomes other columns when another process migrates: SQLite prepares the statement again by itself.
  // Columns that are written out stay, and to ask for them takes longer than to read a row.
  const fixed = sql.includes('*') ? undefined : shape();
  return (args: SqlArgs): ResultSet => {
    const rows = statement.all(args) as unknown[][]; // The shape that `raw` returns.
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
 * Ends a statement that met a lock. The driver leaves it where it stopped, and until it ends SQLite commits
 * no write of its connection, not even one that it has reported as done. There is no call to reset it; but
 * run where nothing may be written, it ends with SQLITE_READONLY before it asks for the lock.
 */
function release(database: Database.Database, again: () => unknown): void {
  database.exec('PRAGMA query_only = ON');
  try {
    again();
  } catch {
    // As meant.
  } finally {
    database.exec('PRAGMA query_only = OFF');
  }
}

/**
 * The driver binds what it gets and leaves the rest as it was. So a list that is shorter than an earlier one
 * is filled up with NULL: the values of another request must never be bound again.
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
