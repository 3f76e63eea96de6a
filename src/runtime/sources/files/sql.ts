import { CommandError } from '../../../core/errors.ts';
import { type Column, findColumn, findColumns, ID_KEY } from '../column.ts';
import type { Row, RowSource } from '../row.ts';
import { type CredentialTable, PASSWORD_KEY, type Shape, tableOf } from '../shape.ts';
import type { CopyHead } from './copy-format.ts';
import { type DumpRow, readDump, refuseOtherDump } from './dump.ts';
import { createDumpPasswords, type DumpPasswords } from './dump-passwords.ts';
import { openTextFile, valueOfLatin1 } from './text-file.ts';

type Fields = readonly (string | null)[];

/**
 * Opens a plain dump of pg_dump. Reads all of it, to find out whether it is complete.
 *
 * @throws CommandError that names the file
 */
export async function openSql(name: string, shape: Shape): Promise<RowSource> {
  const file = openTextFile(name);
  refuseOtherDump(file);
  const { schema, credentials } = shape;
  const main = { schema, table: tableOf(shape) };
  const columns = columnsOf(shape);
  const keys = Object.keys(shape.columns);
  const idAt = keys.indexOf(ID_KEY);

  const ownerOf = ({ table }: CopyHead) => `${file.path}: the table ${table}`;
  const positionsIn = (head: CopyHead) => findColumns(columns, head.columns, ownerOf(head));

  const passwords = credentials && createDumpPasswords();
  try {
    const wanted = credentials ? [main, { schema, table: credentials.table }] : [main];
    let reader: PasswordReader | undefined;
    for await (const item of readDump(file, wanted)) {
      if (item.head.table === main.table) {
        if (!('line' in item)) positionsIn(item.head);
      } else if (credentials && passwords) {
        if (!('line' in item)) reader = passwordReader(credentials, item.head, ownerOf(item.head));
        else reader?.(item, passwords);
      }
    }
  } catch (error) {
    passwords?.close();
    throw error;
  }

  /** An account with two passwords has two rows, as in a join. */
  function* withPassword(row: Row): Generator<Row> {
    const id = 'values' in row ? row.values[idAt] : undefined;
    if (!passwords || !('values' in row)) return yield row;
    const found = typeof id === 'string' ? passwords.of(id) : [];
    for (const password of found.length > 0 ? found : [null]) {
      const values = row.values.map((value, at) =>
        keys[at] === PASSWORD_KEY ? password && valueOfLatin1(password) : value,
      );
      yield { ...row, values };
    }
  }

  return {
    unit: 'bytes',
    total: file.size,
    async *read() {
      let positions: readonly (number | undefined)[] = [];
      for await (const item of readDump(file, [main])) {
        if ('line' in item) yield* withPassword(rowOf(item, positions));
        else positions = positionsIn(item.head);
      }
    },
    async close() {
      passwords?.close();
    },
  };
}

/** In a dump, the password is not a column of the accounts if it has a table of its own. */
const columnsOf = ({ columns, credentials }: Shape): Readonly<Record<string, Column>> =>
  credentials ? { ...columns, [PASSWORD_KEY]: { names: [], isRequired: false } } : columns;

function rowOf(row: DumpRow, positions: readonly (number | undefined)[]): Row {
  const { line } = row;
  const [place, done] = [`line ${line.number}`, line.done];
  const fields = fieldsOf(row);
  if (typeof fields === 'string') return { place, done, problem: fields };
  const values = positions.map((at) => {
    const field = at === undefined ? null : fields[at];
    return typeof field === 'string' ? valueOfLatin1(field) : null;
  });
  return { place, done, values };
}

/** Returns the fields of a row, or why it cannot be read. */
function fieldsOf({ head, line, fields }: DumpRow): Fields | string {
  if (line.text === null) return 'is longer than 1 MB';
  if (fields === undefined) return 'ends with a backslash';
  const [has, needs] = [fields.length, head.columns.length];
  return has === needs ? fields : `has ${has} columns, and the table has ${needs}`;
}

type PasswordReader = (row: DumpRow, passwords: DumpPasswords) => void;

/** @throws CommandError for a row that cannot be read, because whose password it is remains unknown */
function passwordReader(
  { userId, provider, password, providerValue }: CredentialTable,
  { columns }: CopyHead,
  owner: string,
): PasswordReader {
  const [userAt, providerAt, passwordAt] = [userId, provider, password].map(
    (column) => findColumn(column, columns, owner) ?? -1,
  );
  return (row, passwords) => {
    const fields = fieldsOf(row);
    if (typeof fields === 'string')
      throw new CommandError(`${owner}, line ${row.line.number}: the row ${fields}.`);
    const at = (index = -1) => fields[index] ?? null;
    const user = at(userAt);
    if (user !== null && at(providerAt) === providerValue) passwords.add(user, at(passwordAt));
  };
}
