import { LibsqlBatchError, LibsqlError } from '@libsql/client';
import Database from 'libsql';

/** SQLite's primary result codes, starting with code 1: see https://sqlite.org/rescode.html. */
const PRIMARY_CODES =
  'ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB NOTICE WARNING'.split(
    ' ',
  );

const BUSY = 5;
const ABORT_ROLLBACK = 516;

/** Converts an error of SQLite itself to a {@link LibsqlError}. Returns any other error unchanged. */
export function toLibsqlError(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const { message, code, rawCode } = error;
  return new LibsqlError(message, primaryCodeOf(rawCode), code, rawCode, error);
}

/** Converts an error to the error of the statement at `index` of a batch. */
export function toBatchError(error: unknown, index: number): unknown {
  if (!(error instanceof LibsqlError) || error instanceof LibsqlBatchError) return error;
  const { message, code, extendedCode, rawCode, cause } = error;
  const origin = cause instanceof Error ? cause : undefined;
  return new LibsqlBatchError(message, index, code, extendedCode, rawCode, origin);
}

/** True if SQLite did nothing because another connection held the lock. */
export const isBusy = (error: unknown): boolean =>
  (error instanceof LibsqlError || error instanceof Database.SqliteError) &&
  primaryOf(error.rawCode ?? 0) === BUSY;

/** True if a statement found the database locked and its transaction was rolled back. SQLite reports that only once. */
export const isAbortedByRollback = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.rawCode === ABORT_ROLLBACK;

export const tooManyWaiting = (): LibsqlError =>
  new LibsqlError('too many writes wait for the lock', 'SQLITE_BUSY', 'SQLITE_BUSY', BUSY);

export const clientClosed = (): LibsqlError =>
  new LibsqlError('The client is closed', 'CLIENT_CLOSED');

export const transactionClosed = (): LibsqlError =>
  new LibsqlError('The transaction is closed', 'TRANSACTION_CLOSED');

/** The error of the statement at `index` of a batch, if an earlier statement has ended the transaction. */
export const rolledBack = (index: number): LibsqlError =>
  new LibsqlBatchError('The transaction has been rolled back', index, 'TRANSACTION_CLOSED');

function primaryCodeOf(rawCode: number | undefined): string {
  if (rawCode === undefined) return 'SQLITE_UNKNOWN';
  const primary = primaryOf(rawCode);
  return `SQLITE_${PRIMARY_CODES[primary - 1] ?? `UNKNOWN_${primary}`}`;
}

/** The primary code is the low byte of an extended code. */
const primaryOf = (rawCode: number): number => rawCode & 0xff;
