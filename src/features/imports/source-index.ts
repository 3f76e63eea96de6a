/** What an account of the source has to itself: its key, and its addresses in normal form. */
export interface Claim {
  readonly kind: 'key' | 'email' | 'phone';
  readonly value: string;
}

/** The account of the source that has something to itself. */
export interface Holder {
  readonly place: string;
  readonly id: string;
}

/**
 * Remembers what the accounts of a source that have been read have to themselves. A source may have millions, so it is
 * not kept in memory.
 */
export interface SourceIndex {
  /** Finds who has these. The names of the result are those of {@link claimName}. */
  find(claims: readonly Claim[]): Promise<ReadonlyMap<string, Holder>>;
  /** Adds claims that nobody has. */
  add(claims: readonly (Claim & Holder)[]): Promise<void>;
}

export const claimName = ({ kind, value }: Claim): string => `${kind}:${value}`;
