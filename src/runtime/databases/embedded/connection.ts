import type {
  InArgs,
  InStatement,
  IntMode,
  InValue,
  ResultSet,
  TransactionMode,
  Value,
} from '@libsql/client';
import Database from 'libsql';
import { rolledBack, toBatchError, toLibsqlError } from './errors.ts';
import { createStatements } from './statements.ts';
import { fromSql, toSqlArgs } from './values.ts';

/** A statement in any form that a client accepts. */
export type Statement = InStatement | [sql: string, args?: InArgs];

/** A connection to a database file. Every call is synchronous and runs its statements to completion. */
export interface Connection {
  /** @throws LibsqlError */
  execute(statement: Statement): ResultSet;
  /**
   * Returns the values of the first row of a query.
   *
   * @throws LibsqlError
   */
  first(sql: string, args: readonly InValue[]): readonly Value[] | undefined;
  /** @throws LibsqlError SQLITE_BUSY; RangeError for an unknown mode */
  begin(mode: TransactionMode): void;
  /**
   * Runs statements in order.
   *
   * @throws LibsqlBatchError with the index of the statement that failed
   */
  executeAll(statements: readonly Statement[]): ResultSet[];
  /** Runs statements atomically, in a transaction. */
  transact(mode: TransactionMode, statements: readonly Statement[]): ResultSet[];
  /** Runs statements that are separated by semicolons. */
  script(sql: string): void;
  /** @throws Error always, because a file has no server to sync with */
  sync(): undefined;
  /** Rolls back the open transaction, if any. */
  rollback(): void;
  readonly inTransaction: boolean;
  readonly isOpen: boolean;
  /** Rolls back, closes, and empties the statement cache, because cached statements would keep a transaction open. */
  close(): void;
}

const MAX_STATEMENTS = 200;
/** How long opening may block the process, in milliseconds. */
const OPENING_TIMEOUT_MS = 3000;
// NORMAL syncs to disk at checkpoints, not at each commit: see docs/decisions/0011-embedded-client.md.
const PRAGMAS = `
  PRAGMA synchronous = NORMAL;
  PRAGMA foreign_keys = ON;
  PRAGMA busy_timeout = 0;
`;

const BEGIN: Record<TransactionMode, string> = {
  write: 'BEGIN IMMEDIATE',
  read: 'BEGIN TRANSACTION READONLY',
  deferred: 'BEGIN DEFERRED',
};

/**
 * Opens a database file, creating it if missing. Only opening waits for a lock. A statement that finds the database
 * locked throws SQLITE_BUSY at once.
 */
export function openConnection(path: string, intMode: IntMode): Connection {
  const database = new Database(path, { timeout: OPENING_TIMEOUT_MS });
  attempt(() => database.exec(PRAGMAS));
  const statements = createStatements(database, intMode, MAX_STATEMENTS);
  let isOpen = true;

  const connection: Connection = {
    execute(statement) {
      const { sql, args } = normalize(statement);
      const sqlArgs = toSqlArgs(args, intMode);
      return attempt(() => statements.prepare(sql, sqlArgs).run(sqlArgs));
    },

    first(sql, args) {
      const sqlArgs = toSqlArgs([...args], intMode);
      const row = attempt(() => statements.prepare(sql, sqlArgs).first(sqlArgs));
      return row?.map((value) => fromSql(value, intMode));
    },

    begin(mode) {
      // Unlike a prepared statement, `exec` leaves nothing unfinished if the database is locked.
      attempt(() => database.exec(beginOf(mode)));
    },

    executeAll(batch) {
      return batch.map((statement, index) => {
        try {
          if (!connection.inTransaction) throw rolledBack(index);
          return connection.execute(statement);
        } catch (error) {
          throw toBatchError(error, index);
        }
      });
    },

    transact(mode, batch) {
      connection.begin(mode);
      try {
        const results = connection.executeAll(batch);
        connection.execute('COMMIT');
        return results;
      } finally {
        connection.rollback();
      }
    },

    script(sql) {
      statements.forget();
      attempt(() => database.exec(sql));
    },

    sync: () => database.sync(),

    rollback() {
      if (connection.inTransaction) connection.execute('ROLLBACK');
    },

    get inTransaction() {
      // The driver would end the process if a closed connection were queried.
      return isOpen && database.inTransaction;
    },

    get isOpen() {
      return isOpen;
    },

    close() {
      if (!isOpen) return;
      connection.rollback();
      isOpen = false;
      statements.forget();
      database.close();
    },
  };
  return connection;
}

/** Returns the text of a statement and its arguments. */
export function normalize(statement: Statement): { readonly sql: string; readonly args: InArgs } {
  if (typeof statement === 'string') return { sql: statement, args: [] };
  const { sql, args } = Array.isArray(statement)
    ? { sql: statement[0], args: statement[1] }
    : statement;
  return { sql, args: args ?? [] };
}

function beginOf(mode: TransactionMode): string {
  if (Object.hasOwn(BEGIN, mode)) return BEGIN[mode];
  throw new RangeError(
    'Unknown transaction mode, supported values are "write", "read" and "deferred"',
  );
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toLibsqlError(error);
  }
}
