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
  /** Reads what the claim deletes, so it runs before it, under the same condition. */
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
