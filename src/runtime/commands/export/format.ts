import { printableJson } from '../../../core/text.ts';
import { ACCOUNT_COLUMNS, type ExportedUser } from '../../../features/export/accounts.ts';

export const FORMATS = ['csv', 'ndjson'] as const;

export type Format = (typeof FORMATS)[number];

/** How accounts are written as text. */
interface Writer {
  /** What precedes the first account. */
  readonly head: string;
  line(account: ExportedUser): string;
}

/** RFC 4180. A missing value and an empty text are both an empty field; roles are separated by spaces. */
const csv: Writer = {
  head: recordOf(ACCOUNT_COLUMNS),
  line: (account) =>
    recordOf(
      ACCOUNT_COLUMNS.map((name) => {
        const value = account[name];
        return typeof value === 'object' ? (value?.join(' ') ?? '') : String(value);
      }),
    ),
};

/** One JSON object per line, in UTF-8. What a terminal could take for a command is escaped. */
const ndjson: Writer = {
  head: '',
  line: (account) =>
    `${printableJson(JSON.stringify(Object.fromEntries(ACCOUNT_COLUMNS.map((name) => [name, account[name]]))))}\n`,
};

const WRITERS: Readonly<Record<Format, Writer>> = { csv, ndjson };

/** Writes pages of accounts as text, a part per page. Calls `onAccounts` with the number of accounts of each. */
export async function* textOf(
  format: Format,
  pages: AsyncIterable<readonly ExportedUser[]>,
  onAccounts: (count: number) => void = () => {},
): AsyncGenerator<string, void> {
  const { head, line } = WRITERS[format];
  let isFirst = true;
  for await (const page of pages) {
    const text = page.map(line).join('');
    yield isFirst ? head + text : text;
    isFirst = false;
    onAccounts(page.length);
  }
  if (isFirst && head !== '') yield head;
}

function recordOf(fields: readonly string[]): string {
  return `${fields.map(fieldOf).join(',')}\r\n`;
}

function fieldOf(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
