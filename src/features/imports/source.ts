/** A value of a row that its source could not read, such as a time in no known format. */
export interface UnreadableValue {
  /** The member of {@link SourceAccount}, or `row` for a row as a whole. */
  readonly field: string;
  /** A sentence fragment, such as `is not a time`. Does not repeat the value. */
  readonly message: string;
}

/** When an address was verified. Milliseconds since 1970; `true` if the source says only that it was; null if not. */
export type VerifiedAt = number | true | null;

/**
 * An account as another system stores it: text unchanged, except that empty text is null. Nothing is checked yet.
 * Times are milliseconds since 1970.
 */
export interface SourceAccount {
  /** Where it is in the source, for reports: `line 5`, `row 5`. */
  readonly place: string;
  /** Its id in the source. Empty if the source has none for it. */
  readonly id: string;
  readonly email: string | null;
  readonly phone: string | null;
  /** Null for an account without a password. */
  readonly passwordHash: string | null;
  readonly name: string | null;
  readonly bio: string | null;
  readonly locale: string | null;
  readonly timeZone: string | null;
  /** A JSON object of the values of own fields. */
  readonly fields: string | null;
  readonly emailVerifiedAt: VerifiedAt;
  readonly phoneVerifiedAt: VerifiedAt;
  /** Null if the source does not say. */
  readonly createdAt: number | null;
  readonly updatedAt: number | null;
  /** When it was disabled; `true` if the source says only that it is; null if it is enabled. */
  readonly disabledAt: number | true | null;
  /** Empty unless the row is damaged. */
  readonly unreadable: readonly UnreadableValue[];
}

/** An account, and how far its source has been read with it. */
export interface SourceRead {
  readonly account: SourceAccount;
  /** In the unit of {@link AccountSource}. */
  readonly done: number;
}

/** Where accounts come from. Reads them in a stable order, in constant memory. */
export interface AccountSource {
  /** For progress: rows of a database, or bytes of a file. */
  readonly unit: 'rows' | 'bytes';
  readonly total: number;
  /** @throws CommandError if the source cannot be read, with the place */
  read(): AsyncIterable<SourceRead>;
  /** Ends connections. Safe to call twice. */
  close(): Promise<void>;
}
