import type { Candidate } from './candidate.ts';

/** What is looked up of an account in the target. */
export type Wanted = Pick<Candidate, 'key' | 'keepId' | 'email' | 'phone'>;

/** Who has an address, an id or a key of a batch in the target. */
export interface Occupied {
  /**
   * Keys of the batch that this source has imported before, whether or not their accounts still exist, with the
   * fingerprints of that time. A fingerprint that is null is not known.
   */
  readonly imported: ReadonlyMap<string, string | null>;
  /** By normalized address: the account, and its key if this source has imported it. `userId` is null for a reservation. */
  readonly emails: ReadonlyMap<string, Occupant>;
  readonly phones: ReadonlyMap<string, Occupant>;
  readonly ids: ReadonlySet<number>;
}

export interface Occupant {
  readonly userId: number | null;
  readonly key: string | null;
}

/** Where accounts are imported to. */
export interface ImportTarget {
  /** Maximum number of accounts of a batch, and of their bytes as JSON. */
  readonly limits: { readonly accounts: number; readonly bytes: number };
  /** Reads who has what of a batch. */
  find(batch: readonly Wanted[]): Promise<Occupied>;
  /**
   * Stores a batch in one transaction, and who became whom. Leaves out what is imported or has become occupied
   * meanwhile.
   *
   * @returns the keys that were stored
   */
  store(batch: readonly Candidate[]): Promise<ReadonlySet<string>>;
}

export const NOTHING_OCCUPIED: Occupied = {
  imported: new Map(),
  emails: new Map(),
  phones: new Map(),
  ids: new Set(),
};
