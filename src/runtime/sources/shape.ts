import { CommandError } from '../../core/errors.ts';
import type { SourceAccount } from '../../features/imports/source.ts';
import type { Cells } from './cells.ts';
import type { Column } from './column.ts';
import type { TimeFormat } from './times.ts';

/** A table whose rows hold the passwords of the accounts, at most one row for each. */
export interface CredentialTable {
  readonly table: string;
  /** Refers to the column `id` of the accounts. */
  readonly userId: Column;
  /** How the account logs in. Only rows with this value have a password. */
  readonly provider: Column;
  readonly providerValue: string;
  readonly password: Column;
}

/** The key of the column that a {@link CredentialTable} supplies. */
export const PASSWORD_KEY = 'passwordHash';

/** The table of a kind of source. */
export interface Shape<Key extends string = string> {
  /** Its name in a database or a dump. Null for kinds that only files have. */
  readonly table: string | null;
  /** The schema in PostgreSQL; the database in MySQL. If undefined, the one that the connection uses. */
  readonly schema?: string | undefined;
  /** In the order in which rows hold their values. */
  readonly columns: Readonly<Record<Key, Column>>;
  /** Read in databases and dumps. A CSV or NDJSON file has its password as one more column. */
  readonly credentials?: CredentialTable;
}

/** What a row says of its account. */
export type AccountValues = Omit<SourceAccount, 'place' | 'unreadable'>;

/** A kind of source: which table it reads, and what a row means. */
export interface Kind<Key extends string = string> {
  readonly shape: Shape<Key>;
  readonly times: TimeFormat;
  toAccount(cells: Cells<Key>): AccountValues;
}

/** An account of which nothing is known. Kinds replace what their source has. */
export const EMPTY_ACCOUNT: AccountValues = {
  id: '',
  email: null,
  phone: null,
  passwordHash: null,
  name: null,
  bio: null,
  locale: null,
  timeZone: null,
  fields: null,
  emailVerifiedAt: null,
  phoneVerifiedAt: null,
  createdAt: null,
  updatedAt: null,
  disabledAt: null,
};

/** @throws CommandError for a map of columns that names no table */
export function tableOf({ table }: Shape): string {
  if (table !== null) return table;
  throw new CommandError('--map FILE must name the "table" of a database or a dump.');
}

/** Explains a missing table whose name seems to begin with that of a schema, in a map of columns. */
export const schemaHint = (table: string): string =>
  table.includes('.') ? ' In --map FILE, a schema has a member of its own: "schema".' : '';
