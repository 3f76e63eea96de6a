import { DrizzleQueryError, sql } from 'drizzle-orm';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import { users } from './schema.ts';

/** Any of our drivers: libSQL embedded, libSQL over HTTP, D1. Results are read by `RETURNING` only. */
export type Database = BaseSQLiteDatabase<'async', unknown, Record<string, never>> & {
  /** Runs statements in order, all or none. No joins in here: on D1 they come back shifted. */
  batch<U extends BatchItem<'sqlite'>, T extends Readonly<[U, ...U[]]>>(
    statements: T,
  ): Promise<BatchResponse<T>>;
  /** Only where the database is in this process. */
  readonly lookUp?: (sql: string) => LookUp;
};

/** Finds one row: its values in their order. */
export type LookUp = (
  args: readonly (string | number)[],
) => Promise<readonly unknown[] | undefined>;

/** What SQLite says when the statement, not the database, is at fault. Anything else may pass. */
const STATEMENT_AT_FAULT =
  /SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|MISUSE|TOOBIG|AUTH)|constraint failed|syntax error/;
/** An error of the same kind, but the statement is right: the database has not been migrated yet. */
const NOT_MIGRATED = /no such table|no such column|has no column named/;

/**
 * True if a write was rejected because the value of `column` (as `table.column`) exists. The four
 * drivers report it in four shapes; the text of SQLite is the one thing that they share.
 */
export function isUniqueViolation(error: unknown, column: string): boolean {
  return causes(error).some((cause) =>
    cause.message.includes(`UNIQUE constraint failed: ${column}`),
  );
}

/** True if a query failed because the database cannot be reached or used right now. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const chain = causes(error);
  if (!chain.some(isQueryError)) return false;
  const words = chain
    .filter((cause) => !(cause instanceof DrizzleQueryError))
    .map((cause) => `${codeOf(cause)} ${cause.message}`)
    .join(' ');
  return NOT_MIGRATED.test(words) || !STATEMENT_AT_FAULT.test(words);
}

/** True if a query failed because the database has not been migrated. */
export const isNotMigrated = (error: unknown): boolean =>
  causes(error).some(({ message }) => NOT_MIGRATED.test(message));

/** Resolves when the database answers and has every column that we know. Reads no row. */
export async function pingDatabase(db: Database): Promise<void> {
  await db.select().from(users).where(sql`false`);
}

/**
 * An error in words that may be logged. A query error's own message holds the statement and every value
 * bound to it, so only its cause is logged.
 */
export function describeError(error: unknown): string {
  const chain = causes(error).filter((cause) => !(cause instanceof DrizzleQueryError));
  if (chain.length === 0) return error instanceof Error ? error.name : typeof error;
  return chain
    .map((cause) => [cause.name, codeOf(cause), cause.message].filter(Boolean).join(': '))
    .join(' <- ');
}

/** The error and its causes, outermost first. Bounded, because a cause may point back. */
function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let cause = error; cause instanceof Error && chain.length < 8; cause = cause.cause) {
    chain.push(cause);
  }
  return chain;
}

/** A batch throws the driver's own error, which drizzle does not wrap. */
const isQueryError = (error: Error): boolean =>
  error instanceof DrizzleQueryError ||
  error.name.startsWith('Libsql') ||
  error.message.startsWith('D1_ERROR');

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : '';
