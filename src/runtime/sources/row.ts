/** A row of a source, before its kind interprets it. */
export type Row = { readonly place: string; readonly done: number } & (
  | {
      /** In the order of the columns of the shape. Undefined for a required one that this row lacks. */
      readonly values: readonly unknown[];
    }
  | {
      /** Why the row cannot be read, as the end of a sentence. */
      readonly problem: string;
    }
);

/** The rows of a source. */
export interface RowSource {
  readonly unit: 'rows' | 'bytes';
  readonly total: number;
  /** @throws CommandError */
  read(): AsyncIterable<Row>;
  close(): Promise<void>;
}
