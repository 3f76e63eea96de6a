import type { Clash, ClashCode } from './clash.ts';

/** An account that is not imported as the source has it, and what has become of it. */
export interface Rejected {
  readonly place: string;
  readonly id: string;
  /**
   * `undecided`: a dry run has found clashes, or the run has stopped here. `skipped`: left out, as the operator has
   * decided.
   */
  readonly outcome: 'undecided' | 'skipped';
  /** Empty if the operator has left out an account without clashes. */
  readonly clashes: readonly Clash[];
}

/** Numbers of accounts, except `clashes`. */
export interface Tally {
  readonly read: number;
  /** Stored by this run; in a dry run, those that would be. */
  readonly imported: number;
  /** Imported by an earlier run, or by another one at the same time. */
  readonly alreadyImported: number;
  readonly skipped: number;
  readonly undecided: number;
  /** Of the imported ones. */
  readonly withoutPassword: number;
  /** Numbers of clashes. */
  readonly clashes: Readonly<Partial<Record<ClashCode, number>>>;
}

/** Counts what becomes of accounts. */
export function createTally() {
  const counts = { read: 0, imported: 0, alreadyImported: 0, skipped: 0, undecided: 0 };
  const clashes: Partial<Record<ClashCode, number>> = {};
  let withoutPassword = 0;
  return {
    read: () => void counts.read++,
    imported(hasPassword: boolean) {
      counts.imported++;
      if (!hasPassword) withoutPassword++;
    },
    alreadyImported: () => void counts.alreadyImported++,
    rejected(account: Rejected) {
      counts[account.outcome]++;
      for (const { code } of account.clashes) clashes[code] = (clashes[code] ?? 0) + 1;
    },
    result: (): Tally => ({ ...counts, withoutPassword, clashes: { ...clashes } }),
  };
}
