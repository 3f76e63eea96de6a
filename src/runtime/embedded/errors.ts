import { LibsqlBatchError, LibsqlError } from '@libsql/client';
import Database from 'libsql';

/** SQLite's primary result codes from 1 on, see https://sqlite.org/rescode.html. */
const PRIMARY_CODES =
  'ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL CANTOPEN PROTOCOL EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB NOTICE WARNING'.split(
    ' ',
  );

/** SQLite's own error as a {@link LibsqlError}; any other stays as it is. */
export function toLibsqlError(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const { message, code, rawCode } = error;
  return new LibsqlError(message, primaryCodeOf(rawCode), code, rawCode, error);
}

/** The same error as one of the statement at `index` of a batch. */
export function toBatchError(error: unknown, index: number): unknown {
  if (!(error instanceof LibsqlError)) return error;
  const { message, code, extendedCode, rawCode, cause } = error;
  const origin = cause instanceof Error ? cause : undefined;
  return new LibsqlBatchError(message, index, code, extendedCode, rawCode, origin);
}

/** Tells whether another connection had the lock, so that SQLite did nothing. */
export const isBusy = (error: unknown): boolean =>
  error instanceof LibsqlError && error.code === 'SQLITE_BUSY';

export const tooManyWaiting = (): LibsqlError =>
  new LibsqlError('too many writes wait for the lock of the database', 'SQLITE_BUSY');

export const clientClosed = (): LibsqlError =>
  new LibsqlError('The client is closed', 'CLIENT_CLOSED');

export const transactionClosed = (): LibsqlError =>
  new LibsqlError('The transaction is closed', 'TRANSACTION_CLOSED');

/** What a statement of a batch gets when one before it has ended the transaction. */
export const rolledBack = (): LibsqlError =>
  new LibsqlError('The transaction has been rolled back', 'TRANSACTION_CLOSED');

function primaryCodeOf(rawCode: number | undefined): string {
  if (rawCode === undefined) return 'SQLITE_UNKNOWN';
  // An extended code has its primary one in the low byte.
  const primary = rawCode & 0xff;
  return `SQLITE_${PRIMARY_CODES[primary - 1] ?? `UNKNOWN_${primary}`}`;
}
