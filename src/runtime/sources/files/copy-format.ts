/** What a backslash and a letter stand for in the text format of COPY. */
const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const ESCAPE = /\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|([\s\S]))/g;

/**
 * Decodes a line of the text format of PostgreSQL's COPY.
 *
 * @param line its bytes as Latin-1, because an escape may stand for a part of a character
 * @returns the fields, as bytes in Latin-1 too; null for NULL. Undefined if the line is not in this format.
 * @see https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
 */
export function decodeCopyLine(line: string): (string | null)[] | undefined {
  const fields = line.split('\t');
  if (fields.some(endsInEscape)) return undefined;
  return fields.map((field) => {
    if (field === '\\N') return null;
    return field.includes('\\') ? field.replace(ESCAPE, decodeEscape) : field;
  });
}

/** True if nothing follows the last backslash, and no other backslash stands before it to escape it. */
function endsInEscape(field: string): boolean {
  let at = field.length;
  while (field.charAt(at - 1) === '\\') at--;
  return (field.length - at) % 2 === 1;
}

function decodeEscape(_: string, hex?: string, octal?: string, other = ''): string {
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
  return ESCAPES[other] ?? other;
}

const NAME = String.raw`(?:"(?:[^"]|"")+"|[^\s."(),]+)`;
const COPY = new RegExp(`^COPY (?:(${NAME})\\.)?(${NAME}) \\((.*)\\) FROM stdin;$`);
const ANY_COPY = /^COPY .* FROM stdin\b.*;$/;
const NAMES = new RegExp(NAME, 'g');

/** The head of a block of rows. */
export interface CopyHead {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
}

/**
 * Parses a line of a dump that may begin a block of rows.
 *
 * @param line decoded
 * @returns undefined for any other line
 */
export function parseCopyHead(line: string): CopyHead | undefined {
  const [match, schema = 'public', table = '', columns = ''] = COPY.exec(line) ?? [];
  if (match !== undefined)
    return {
      schema: unquote(schema),
      table: unquote(table),
      columns: (columns.match(NAMES) ?? []).map(unquote),
    };
  // Such as a table without columns. Its rows must not be taken for statements.
  return ANY_COPY.test(line) ? { schema: '', table: '', columns: [] } : undefined;
}

const unquote = (name: string): string =>
  name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
