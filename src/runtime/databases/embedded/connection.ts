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

/** A statement in any of the forms that a client takes. */
export type Statement = InStatement | [sql: string, args?: InArgs];

/** One connection to a database file. Every call is synchronous, and runs its statements to their end. */
export interface Connection {
  /** @throws LibsqlError */
  execute(statement: Statement): ResultSet;
  /** The values of the first row of a query. @throws LibsqlError */
  first(sql: string, args: readonly InValue[]): readonly Value[] | undefined;
  /** @throws LibsqlError SQLITE_BUSY; RangeError for a mode that is none */
  begin(mode: TransactionMode): void;
  /** Runs statements in order. @throws LibsqlBatchError with the index of the one that failed */
  executeAll(statements: readonly Statement[]): ResultSet[];
  /** Runs statements in a transaction, all or none. */
  transact(mode: TransactionMode, statements: readonly Statement[]): ResultSet[];
  /** Runs statements that are separated by semicolons. */
  script(sql: string): void;
  /** @throws Error always: a file has no server to be synchronised with */
  sync(): undefined;
  /** Ends the transaction that is open, if there is one. */
  rollback(): void;
  readonly inTransaction: boolean;
  readonly isOpen: boolean;
  /** Rolls back what is open. Kept statements would hold a transaction beyond this. */
  close(): void;
}

const MAX_STATEMENTS = 200;
/** How long the opening may hold up the process, in milliseconds. */
const OPENING_TIMEOUT_MS = 3000;
// NORMAL syncs at checkpoints, not at each commit: see docs/decisions/0011-embedded-client.md.
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
 * Opens a file, made where it is missing. Only the opening waits for a lock; a statement that meets one fails
 * with SQLITE_BUSY at once.
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
      // A statement of its own to the driver, which leaves nothing behind where it meets a lock.
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
      // To ask a closed connection ends the process.
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

/** The text of a statement, and the arguments that belong to it. */
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
