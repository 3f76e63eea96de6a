/** Deletes one kind of expired row. */
export interface Job {
  /** Names the deleted rows in the log. */
  readonly name: string;
  /** Deletes at most `limit` expired rows by one statement. Returns the number of deleted rows. */
  removeSome(limit: number): Promise<number>;
}
