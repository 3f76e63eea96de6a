import { LibsqlBatchError, LibsqlError } from '@libsql/client';
import Database from 'libsql';

/** SQLite's primary result codes from 1 on, see https://sqlite.org/rescode.html. */
const PRIMARY_CODES =
  'ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB NOTICE WARNING'.split(
    ' ',
  );

const BUSY = 5;
const ABORT_ROLLBACK = 516;

/** SQLite's own error as a {@link LibsqlError}; any other stays as it is. */
export function toLibsqlError(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const { message, code, rawCode } = error;
  return new LibsqlError(message, primaryCodeOf(rawCode), code, rawCode, error);
}

/** The same error as one of the statement at `index` of a batch. */
export function toBatchError(error: unknown, index: number): unknown {
  if (!(error instanceof LibsqlError) || error instanceof LibsqlBatchError) return error;
  const { message, code, extendedCode, rawCode, cause } = error;
  const origin = cause instanceof Error ? cause : undefined;
  return new LibsqlBatchError(message, index, code, extendedCode, rawCode, origin);
}

/** True if another connection held the lock, so that SQLite did nothing. */
export const isBusy = (error: unknown): boolean =>
  (error instanceof LibsqlError || error instanceof Database.SqliteError) &&
  primaryOf(error.rawCode ?? 0) === BUSY;

/** True if a statement met a lock and its transaction was rolled back. Reported once. */
export const isLeftBehind = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.rawCode === ABORT_ROLLBACK;

export const tooManyWaiting = (): LibsqlError =>
  new LibsqlError('too many writes wait for the lock', 'SQLITE_BUSY', 'SQLITE_BUSY', BUSY);

export const clientClosed = (): LibsqlError =>
  new LibsqlError('The client is closed', 'CLIENT_CLOSED');

export const transactionClosed = (): LibsqlError =>
  new LibsqlError('The transaction is closed', 'TRANSACTION_CLOSED');

/** What the statement at `index` of a batch gets when one before it has ended the transaction. */
export const rolledBack = (index: number): LibsqlError =>
  new LibsqlBatchError('The transaction has been rolled back', index, 'TRANSACTION_CLOSED');

function primaryCodeOf(rawCode: number | undefined): string {
  if (rawCode === undefined) return 'SQLITE_UNKNOWN';
  const primary = primaryOf(rawCode);
  return `SQLITE_${PRIMARY_CODES[primary - 1] ?? `UNKNOWN_${primary}`}`;
}

/** An extended code has its primary one in the low byte. */
const primaryOf = (rawCode: number): number => rawCode & 0xff;
