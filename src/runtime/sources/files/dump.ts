import { CommandError } from '../../../core/errors.ts';
import { listOf } from '../column.ts';
import { schemaHint } from '../shape.ts';
import { type CopyHead, decodeCopyLine, parseCopyHead } from './copy-format.ts';
import { type Line, linesOf } from './lines.ts';
import { createSqlText } from './sql-text.ts';
import type { TextFile } from './text-file.ts';

/** The name of a table that is wanted. */
export interface TableName {
  /** `public` if undefined. */
  readonly schema: string | undefined;
  readonly table: string;
}

/** A row of a wanted table. */
export interface DumpRow {
  readonly head: CopyHead;
  readonly line: Line;
  /** As bytes in Latin-1; null for NULL. Undefined if the row cannot be decoded. */
  readonly fields: readonly (string | null)[] | undefined;
}

/** What is read of a dump: the head of a block, then its rows. */
export type DumpItem = { readonly head: CopyHead } | DumpRow;

const END = '\\.';
const ENCODING = /^SET client_encoding = '(.*)';$/;
const INSERT = /^INSERT INTO (?:[`"]?\w+[`"]?\.)?[`"]?(\w+)[`"]?[\s(]/i;
const HOW = 'pg_dump --file=dump.sql DATABASE';

/** How dumps of other programs begin, and what to use instead. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:\/\*M?!.*\n)?-- (?:MySQL|MariaDB) dump/,
    'is a dump of MySQL. Use --from mysql://… or csv:FILE',
  ],
  [/^PRAGMA /, 'is a dump of SQLite. Use --from sqlite:FILE with the database itself'],
];

/** @throws CommandError if the file is a dump of another database */
export function refuseOtherDump({ path, start, bom }: TextFile): void {
  const text = Buffer.from(start.subarray(bom)).toString('latin1');
  const [, what] = OTHERS.find(([pattern]) => pattern.test(text)) ?? [];
  if (what !== undefined) throw new CommandError(`${path} ${what}.`);
}

/**
 * Reads tables of a plain dump of pg_dump. Reads the whole file, because a dump may be cut off.
 *
 * @throws CommandError that names the file and the line
 */
export async function* readDump(
  file: TextFile,
  wanted: readonly TableName[],
): AsyncGenerator<DumpItem> {
  let [block, isWanted]: [CopyHead | undefined, boolean] = [undefined, false];
  const seen: CopyHead[] = [];
  const sql = createSqlText();

  for await (const line of linesOf(file)) {
    if (block === undefined) {
      // A function body may have lines that look like the head of a block.
      if (sql.isOutside) block = headOf(line, file, wanted);
      if (block === undefined) {
        sql.add(line.text ?? '');
        continue;
      }
      const { table, schema } = block;
      isWanted = wanted.some((of) => of.table === table && (of.schema ?? 'public') === schema);
      seen.push(block);
      if (isWanted) yield { head: block };
    } else if (line.text === END) block = undefined;
    else if (isWanted)
      yield {
        head: block,
        line,
        fields: line.text === null ? undefined : decodeCopyLine(line.text),
      };
  }
  if (block !== undefined)
    throw new CommandError(`${file.path} ends within the table ${nameOf(block)}. Is it complete?`);
  requireAll(file, wanted, seen);
}

/** Reads a line outside of blocks. */
function headOf(
  { text }: Line,
  { path }: TextFile,
  wanted: readonly TableName[],
): CopyHead | undefined {
  if (text === null) return undefined;
  const [, encoding] = ENCODING.exec(text) ?? [];
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding))
    throw new CommandError(
      `${path} is in the encoding ${listOf([encoding])}. Make a dump in UTF-8: pg_dump --encoding=UTF8 --file=dump.sql DATABASE`,
    );
  const [, inserted] = INSERT.exec(text) ?? [];
  if (wanted.some(({ table }) => table === inserted))
    throw new CommandError(
      `${path} has the rows of the table ${inserted} as INSERT statements. Make a dump with COPY: ${HOW}`,
    );
  return parseCopyHead(Buffer.from(text, 'latin1').toString('utf8'));
}

function requireAll(file: TextFile, wanted: readonly TableName[], seen: readonly CopyHead[]): void {
  for (const { table, schema = 'public' } of wanted) {
    if (seen.some((head) => head.table === table && head.schema === schema)) continue;
    const tables = [...new Set(seen.filter((head) => head.table !== '').map(nameOf))];
    const name = nameOf({ table, schema });
    throw new CommandError(
      `${file.path} has no rows of a table ${name}. It has: ${listOf(tables)}. A dump is made with: ${HOW}.${schemaHint(table)}`,
    );
  }
}

const nameOf = ({ table, schema }: { readonly table: string; readonly schema: string }): string =>
  schema === 'public' ? table : `${schema}.${table}`;
