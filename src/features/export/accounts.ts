import type { Caller } from '../../core/caller.ts';
import type { Database } from '../../core/db/database.ts';
import { isoTime, isoTimeOrNull } from '../../core/time.ts';
import { eventsAt } from '../audit/event.ts';
import { rolesIn } from '../roles/role.ts';
import { type AccountsStore, createAccountsStore } from './accounts-store.ts';

/** The members of an exported account, in the order of the columns of a file. */
export const ACCOUNT_COLUMNS = [
  'id',
  'email',
  'phone',
  'password_hash',
  'name',
  'bio',
  'locale',
  'time_zone',
  'fields',
  'email_verified_at',
  'phone_verified_at',
  'created_at',
  'updated_at',
  'disabled_at',
  'roles',
] as const;

/** An account with its password hash, for another system. Times are ISO 8601 in UTC. `fields` is a JSON object. */
export interface ExportedUser
  extends Readonly<
    Record<Exclude<(typeof ACCOUNT_COLUMNS)[number], 'id' | 'roles'>, string | null>
  > {
  readonly id: number;
  readonly roles: readonly string[];
}

/** Who exports all accounts, and how. */
export interface AccountsRequest {
  /** Recorded in the audit log. */
  readonly operator: string;
  /** The name of the file format, for the audit log. */
  readonly format: string;
  readonly caller: Caller;
}

export interface AccountsExport {
  /** The number of accounts when it was prepared. */
  readonly total: number;
  /** Reads the accounts, page by page. Records the export before it returns the first page. */
  pages(request: AccountsRequest): AsyncGenerator<readonly ExportedUser[], void>;
}

/** Rows per page. With the longest texts, these are 8 MB; a libSQL server answers with 10 MB at most. */
const PAGE_ROWS = 150;

interface AccountsExportParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Accounts per page. */
  readonly pageRows?: number;
}

/**
 * Prepares an export of the accounts that exist now. Each page is read when it is asked for: an account that changes
 * meanwhile is exported as it is then, one that is deleted before its page is left out, and one that is created
 * meanwhile is not exported.
 */
export async function prepareAccountsExport({
  db,
  clock,
  pageRows = PAGE_ROWS,
}: AccountsExportParts): Promise<AccountsExport> {
  const store = createAccountsStore(db);
  const { accounts: total, lastId } = await store.size();
  return {
    total,
    async *pages({ operator, format, caller }) {
      const detail = { operator, format, accounts: total };
      await store.record(eventsAt(clock)(caller, null, 'accounts_export', { detail }));
      let after: number | undefined = 0;
      while (after !== undefined) {
        const rows: Row[] = await store.page(after, lastId, pageRows);
        if (rows.length > 0) yield rows.map(toExportedUser);
        after = rows.length < pageRows ? undefined : rows.at(-1)?.id;
      }
    },
  };
}

type Row = Awaited<ReturnType<AccountsStore['page']>>[number];

/** The phone number is E.164: as its owner has entered it, it may lack the country. */
const toExportedUser = (row: Row): ExportedUser => ({
  id: row.id,
  email: row.email,
  phone: row.phone,
  password_hash: row.passwordHash,
  name: row.name,
  bio: row.bio,
  locale: row.locale,
  time_zone: row.timeZone,
  fields: row.fields,
  email_verified_at: isoTimeOrNull(row.emailVerifiedAt),
  phone_verified_at: isoTimeOrNull(row.phoneVerifiedAt),
  created_at: isoTime(row.createdAt),
  updated_at: isoTime(row.updatedAt),
  disabled_at: isoTimeOrNull(row.disabledAt),
  roles: rolesIn(row.roles),
});
