import { printable, printableJson } from '../../../core/text.ts';
import { isoTime } from '../../../core/time.ts';
import type { Account } from '../../../features/admin/account.ts';
import type { AccountView } from '../../../features/admin/fields.ts';

/** Prints one JSON value. */
export function printJson(value: object): void {
  console.log(printableJson(JSON.stringify(value, null, 2)));
}

/** Prints accounts as a table, or as the list of the API. */
export function printList(
  { items, nextCursor }: { readonly items: readonly Account[]; readonly nextCursor: string | null },
  asJson: boolean,
  viewOf: AccountView,
): void {
  if (asJson) {
    printJson({ items: items.map((account) => viewOf(account)), next_cursor: nextCursor });
    return;
  }
  const rows = [
    ['ID', 'EMAIL', 'PHONE', 'NAME', 'STATUS', 'ROLES', 'CREATED'],
    ...items.map((account) => [
      String(account.id),
      account.email ?? '',
      account.phone ?? '',
      account.name ?? '',
      statusOf(account, Date.now()),
      account.roles.join(','),
      isoTime(account.createdAt),
    ]),
  ].map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => widthOf(row[i]))));
  for (const row of rows) {
    const cells = row.map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell)));
    console.log(cells.join('  ').trimEnd());
  }
  if (items.length === 0) console.error('No accounts.');
  if (nextCursor !== null) console.error('There are more accounts: use --limit.');
}

/** Prints an account line by line, or as the API returns it. */
export function printAccount(account: Account, asJson: boolean, viewOf: AccountView): void {
  if (asJson) {
    printJson(viewOf(account));
    return;
  }
  for (const [name, value] of Object.entries(viewOf(account))) {
    const text = textOf(value);
    console.log(`${name.padEnd(15)} ${printable(text)}`.trimEnd());
  }
}

/** Names an account in a question or a report. */
export const nameOf = ({ id, email, phone, name }: Account): string => {
  const known = [email, phone, name].filter((each) => each !== null && each !== '');
  return printable(known.length > 0 ? `account ${id} (${known.join(', ')})` : `account ${id}`);
};

function statusOf(
  { disabledAt, lockedUntil, emailVerifiedAt, phoneVerifiedAt }: Account,
  now: number,
): string {
  if (disabledAt !== null) return 'disabled';
  if (lockedUntil !== null && lockedUntil > now) return 'locked';
  return emailVerifiedAt === null && phoneVerifiedAt === null ? 'unverified' : 'active';
}

/** In characters, as far as they are all one cell wide. */
const widthOf = (text = ''): number => [...text].length;

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
}
