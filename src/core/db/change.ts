import type { SQL } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { Database } from './database.ts';

/** A statement of a batch. */
export type Statement = BatchItem<'sqlite'>;

/** A statement that returns the rows it changes (`RETURNING`). */
export type Claim<Row = unknown> = Statement & {
  readonly _: { readonly result: readonly Row[] };
};

/** The precondition of a statement, in SQL. */
export type Condition = SQL;

interface Change<Row> {
  /** Make room for the claim, or record what it deletes. They run first and must repeat its condition. */
  readonly before?: readonly Statement[];
  /** Changes a row only if its precondition still holds. */
  readonly claim: Claim<Row>;
  /** Each has an effect only if the previous statement changed a row (`changes() > 0`); the first follows the claim. */
  readonly ifChanged?: readonly Statement[];
  /** Each has a condition of its own. */
  readonly consequences?: readonly Statement[];
}

/**
 * Applies a change in one atomic batch: the claim, the statements that depend on it, then those with conditions
 * of their own.
 *
 * @returns the rows that the claim changed; none if its precondition no longer holds
 */
export async function change<Row>(
  db: Database,
  { before = [], claim, ifChanged = [], consequences = [] }: Change<Row>,
): Promise<readonly Row[]> {
  const [first, ...others] = [...before, claim, ...ifChanged, ...consequences];
  const results: readonly unknown[] = await db.batch([first ?? claim, ...others]);
  // The result of a statement with RETURNING is its list of rows.
  return results[before.length] as readonly Row[];
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
  // As above.
  return results as readonly (readonly Row[])[];
}
