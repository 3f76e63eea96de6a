import type { SQL } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { Database } from './database.ts';

/** A statement of a batch. */
export type Statement = BatchItem<'sqlite'>;

/** A statement that returns the rows it has changed (`RETURNING`). */
export type Claim<Row = unknown> = Statement & {
  readonly _: { readonly result: readonly Row[] };
};

/** What must be true for a statement to act, in SQL. */
export type Condition = SQL;

interface Change<Row> {
  /** Makes room for the claim, or records what it deletes. Under the same condition, since it runs first. */
  readonly before?: readonly Statement[];
  /** Changes a row only if its precondition still holds. */
  readonly claim: Claim<Row>;
  /** Each acts only if the statement before it has changed a row (`changes() > 0`); the first follows the claim. */
  readonly ifChanged?: readonly Statement[];
  /** Each acts under a condition of its own. */
  readonly consequences?: readonly Statement[];
}

/**
 * Applies a change in one batch, all or nothing: the claim, the statements that depend on it, then those
 * that have conditions of their own.
 *
 * @returns the rows that the claim has changed; none if its precondition no longer holds
 */
export async function change<Row>(
  db: Database,
  { before = [], claim, ifChanged = [], consequences = [] }: Change<Row>,
): Promise<readonly Row[]> {
  const [first, ...others] = [...before, claim, ...ifChanged, ...consequences];
  const results: readonly unknown[] = await db.batch([first ?? claim, ...others]);
  // The result of a statement with RETURNING is its rows.
  return results[before.length] as readonly Row[];
}

/**
 * Applies changes in one batch, of which each acts only if the one before it has changed a row.
 *
 * @returns the rows of each, in their order
 */
export async function changeInTurn<Row>(
  db: Database,
  [first, ...others]: readonly [Claim<Row>, ...Claim<Row>[]],
): Promise<readonly (readonly Row[])[]> {
  const results: readonly unknown[] = await db.batch([first, ...others]);
  // As above.
  return results as readonly (readonly Row[])[];
}
