import { type SQL, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { SQLiteTable, SQLiteUpdateSetSource } from 'drizzle-orm/sqlite-core';
import type { Database } from './database.ts';

/** A statement of a batch. */
export type Statement = BatchItem<'sqlite'>;

/** A statement that returns the rows it changes (`RETURNING`). */
export type Claim<Row = unknown> = Statement & {
  readonly _: { readonly result: readonly Row[] };
};

/** The precondition of a statement, in SQL. */
export type Condition = SQL;

/** The values that an UPDATE sets. */
export type NewValues<Table extends SQLiteTable> = SQLiteUpdateSetSource<Table>;

declare const IF_CHANGED: unique symbol;
declare const ONLY_IF: unique symbol;

/** A statement that has an effect only if the previous one changed a row. Built by {@link ifChanged}. */
export type IfChanged<Of extends Statement = Statement> = Of & { readonly [IF_CHANGED]: true };

/** A statement that has an effect only if a condition holds. Built by {@link onlyIf}. */
export type OnlyIf<Of extends Statement = Statement> = Of & { readonly [ONLY_IF]: true };

/** Claims that take effect in turn, each only if the previous one changed a row. */
export type Claims = readonly [Claim, ...IfChanged<Claim>[]];

/** `changes()` returns the number of rows that the previous statement of the connection changed. */
const HAS_CHANGED: Condition = sql`changes() > 0`;

/**
 * Builds a statement that has an effect only if the previous one changed a row.
 *
 * @param build must put its condition into the `WHERE` of the statement
 */
export const ifChanged = <Of extends Statement>(
  build: (hasChanged: Condition) => Of,
): IfChanged<Of> =>
  // The brand exists in the type only, not at run time.
  build(HAS_CHANGED) as IfChanged<Of>;

/**
 * Builds a statement that has an effect only if the condition holds.
 *
 * @param build must put its condition into the `WHERE` of the statement
 */
export const onlyIf = <Of extends Statement>(
  condition: Condition,
  build: (condition: Condition) => Of,
): OnlyIf<Of> =>
  // The brand exists in the type only, not at run time.
  build(condition) as OnlyIf<Of>;

interface Dependents {
  /**
   * Statements that make room for the claim or record what it deletes. They run first and must repeat its condition.
   */
  readonly before?: readonly Statement[];
  /** Statements that follow the claim. Each has an effect only if the previous one changed a row. */
  readonly ifChanged?: readonly IfChanged[];
  /** Statements that always run. Each has a condition of its own. */
  readonly consequences?: readonly Statement[];
}

interface SingleClaim<Row> extends Dependents {
  readonly premises?: never;
  /** Changes a row only if its precondition still holds. */
  readonly claim: Claim<Row>;
}

interface LastClaim<Row> extends Dependents {
  /** The claims that must change a row before `claim` may. */
  readonly premises: Claims;
  readonly claim: IfChanged<Claim<Row>>;
}

/**
 * Applies a change in one atomic batch: first the premises, then the claim, then the statements that depend on it, then
 * those with conditions of their own.
 *
 * @returns the rows that the claim changed; an empty list if its precondition no longer holds
 */
export async function change<Row>(
  db: Database,
  parts: SingleClaim<Row> | LastClaim<Row>,
): Promise<readonly Row[]> {
  const { before = [], premises = [], claim, ifChanged = [], consequences = [] } = parts;
  const preceding = [...before, ...premises];
  const [first, ...others] = [...preceding, claim, ...ifChanged, ...consequences];
  const results: readonly unknown[] = await db.batch([first ?? claim, ...others]);
  // The result of a statement with RETURNING is its list of rows.
  return results[preceding.length] as readonly Row[];
}

/**
 * Applies a change like {@link change}, and tells whether its last dependent had an effect.
 *
 * @param last follows the other statements of `ifChanged`
 * @returns true if `last` changed a row
 */
export async function changeAndTell(
  db: Database,
  { claim, ifChanged = [], consequences = [] }: Omit<SingleClaim<unknown>, 'before'>,
  last: IfChanged<Claim>,
): Promise<boolean> {
  const preceding = [claim, ...ifChanged] as const;
  const results: readonly unknown[] = await db.batch([...preceding, last, ...consequences]);
  // The result of a statement with RETURNING is its list of rows.
  return (results[preceding.length] as readonly unknown[]).length > 0;
}

/**
 * Applies statements in one atomic batch; each has an effect only if the previous one changed a row.
 *
 * @returns the rows of each statement, in order
 */
export async function changeInTurn<Row>(
  db: Database,
  [first, ...others]: readonly [Claim<Row>, ...Claim<Row>[]],
): Promise<readonly (readonly Row[])[]> {
  const results: readonly unknown[] = await db.batch([first, ...others]);
  // The result of a statement with RETURNING is its list of rows.
  return results as readonly (readonly Row[])[];
}
