/** One kind of row that is removed after its time. */
export interface Job {
  /** Names what is removed, in the log. */
  readonly name: string;
  /** Removes such rows, at most `limit`, by one statement. Returns their number. */
  removeSome(limit: number): Promise<number>;
}
