/** Deletes one kind of expired row, or completes one kind of row that an earlier version has written. */
export interface Job {
  /** Names the rows in the log. */
  readonly name: string;
  /** Deletes or completes at most `limit` rows. Returns their number. */
  removeSome(limit: number): Promise<number>;
}
