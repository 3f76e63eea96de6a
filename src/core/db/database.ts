import { DrizzleQueryError, sql } from 'drizzle-orm';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import { nameOf } from '../errors.ts';
import { users } from './schema.ts';

/**
 * Any supported driver: libSQL embedded, libSQL over HTTP, D1. To read the outcome of a write, use `RETURNING` only.
 */
export type Database = BaseSQLiteDatabase<'async', unknown, Record<string, never>> & {
  /** Runs statements in order, atomically. Must not contain joins: D1 returns their columns shifted. */
  batch<U extends BatchItem<'sqlite'>, T extends Readonly<[U, ...U[]]>>(
    statements: T,
  ): Promise<BatchResponse<T>>;
  /** Absent unless the database runs in this process. */
  readonly lookUp?: (sql: string) => LookUp;
};

/** Finds one row. Returns its values in column order. */
export type LookUp = (
  args: readonly (string | number)[],
) => Promise<readonly unknown[] | undefined>;

/** SQLite errors that the statement itself causes. All other errors may be temporary. */
const STATEMENT_AT_FAULT =
  /SQLITE_(ERROR|CONSTRAINT|MISMATCH|RANGE|MISUSE|TOOBIG|AUTH)|constraint failed|syntax error/;
/**
 * SQLite reports these as errors of the statement as well, but their cause is a database that has not been migrated
 * yet.
 */
const NOT_MIGRATED = /no such table|no such column|has no column named/;

/**
 * True if a write was rejected because its value for `column` (as `table.column`) already exists. The four drivers
 * report this in different ways; only SQLite's message is common to all.
 */
export function isUniqueViolation(error: unknown, column: string): boolean {
  return causes(error).some((cause) =>
    cause.message.includes(`UNIQUE constraint failed: ${column}`),
  );
}

/** True if a query failed because the database is unreachable or temporarily unusable. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const chain = causes(error);
  if (!chain.some(isQueryError)) return false;
  return isUnavailable(textOf(chain.filter((cause) => !(cause instanceof DrizzleQueryError))));
}

const textOf = (errors: readonly Error[]): string =>
  errors.map((error) => `${codeOf(error)} ${error.message}`).join(' ');

const isUnavailable = (text: string): boolean =>
  NOT_MIGRATED.test(text) || !STATEMENT_AT_FAULT.test(text);

/**
 * Classifies the error of a driver: `constraint` if a constraint of the schema rejected the write, `statement` if the
 * statement is at fault otherwise, and else `unavailable`, which includes a database that is not migrated.
 */
export function failureKind(error: unknown): 'constraint' | 'statement' | 'unavailable' {
  const text = textOf(causes(error));
  if (/SQLITE_CONSTRAINT|constraint failed/.test(text)) return 'constraint';
  return isUnavailable(text) ? 'unavailable' : 'statement';
}

/** True if a query failed because the database has not been migrated. */
export const isNotMigrated = (error: unknown): boolean =>
  causes(error).some(({ message }) => NOT_MIGRATED.test(message));

/** Resolves if the database responds and the `users` table has every column of the schema. Reads no row. */
export async function pingDatabase(db: Database): Promise<void> {
  await db.select().from(users).where(sql`false`);
}

/**
 * Describes an error for the log. Omits the message of a query error, because it contains the statement and all bound
 * values. Includes the cause.
 */
export function describeError(error: unknown): string {
  const chain = causes(error).filter((cause) => !(cause instanceof DrizzleQueryError));
  if (chain.length === 0) return nameOf(error);
  return chain
    .map((cause) => [cause.name, codeOf(cause), cause.message].filter(Boolean).join(': '))
    .join(' <- ');
}

/** Returns the error and its causes, outermost first. The list is bounded, because causes may form a cycle. */
function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let cause = error; cause instanceof Error && chain.length < 8; cause = cause.cause) {
    chain.push(cause);
  }
  return chain;
}

/** The drivers' own errors count too, because drizzle does not wrap the errors of a batch. */
const isQueryError = (error: Error): boolean =>
  error instanceof DrizzleQueryError ||
  error.name.startsWith('Libsql') ||
  error.message.startsWith('D1_ERROR');

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : '';
