import type { Account } from './account.ts';

export const STATUSES = ['active', 'disabled', 'locked', 'unverified'] as const;

export type Status = (typeof STATUSES)[number];

/** Which accounts are listed. */
export interface AccountQuery {
  /**
   * A prefix: of the phone number if it begins with `+` or a digit, else of the email address and of the name, without
   * regard to letter case.
   */
  readonly q?: string | undefined;
  readonly role?: string | undefined;
  readonly status?: Status | undefined;
  /** The `nextCursor` of the previous page. */
  readonly cursor?: string | undefined;
  /** 1 to 100. */
  readonly limit: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null on the last page. A page may have fewer items than the limit and still not be the last one. */
  readonly nextCursor: string | null;
}

/** Finds accounts. Each page reads ranges of indexes only, a bounded number of rows. */
export interface Directory {
  /** @throws AppError `validation_failed` for a cursor that is not one of this list */
  list(query: AccountQuery): Promise<Page<Account>>;
  find(id: number): Promise<Account | undefined>;
  /** Finds an account by its id, email address or phone number, as an operator types it. */
  findByName(who: string): Promise<Account | undefined>;
}
