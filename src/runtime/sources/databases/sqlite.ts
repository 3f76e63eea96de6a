import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandError } from '../../../core/errors.ts';
import { printable } from '../../../core/text.ts';
import { type Connection, openConnection } from '../../databases/embedded/connection.ts';
import { sizeOf } from '../../databases/file-size.ts';
import { createTemporaryFolder } from '../../ports/temporary-folder.ts';
import { idOfBytes } from '../binary-id.ts';
import { ID_KEY } from '../column.ts';
import { openSourceFile, type SourceFile } from '../files/source-file.ts';
import type { RowSource } from '../row.ts';
import type { Shape } from '../shape.ts';
import { buildSelect, type Catalog, type Dialect } from './select.ts';

const PAGE_ROWS = 200;
/** Version of the file format for reading, at byte 19 of the header: 2 in WAL mode. */
const READ_VERSION_AT = 19;
const WAL_VERSION = 2;
const MAGIC = 'SQLite format 3\0';
const BUSY_TIMEOUT_MS = 5000;

const TABLES = `SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*' ORDER BY name`;

const dialect: Dialect = {
  quote: (name) => `"${name.replaceAll('"', '""')}"`,
  // Texts as bytes, because the driver ends the process if one is not valid. Bytes as digits, to tell them apart.
  read: (column) =>
    `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) WHEN 'blob' THEN hex(${column}) ELSE ${column} END`,
};

/**
 * Opens a SQLite database. Neither it nor its folder is changed.
 *
 * Copies the rows to a temporary table in one statement. So it reads one state of the database, and does not keep its
 * lock while accounts are imported: in rollback mode, the program whose database it is could not write meanwhile.
 *
 * @throws CommandError that names the file, and the tables or columns that there are
 */
export async function openSqlite(name: string, shape: Shape): Promise<RowSource> {
  const file = openSourceFile(name);
  if (!Buffer.from(file.start).toString('latin1').startsWith(MAGIC))
    throw new CommandError(`${file.path} is not a SQLite database.`);
  const { connection, close } = openReadOnly(file);
  let [total, encoding] = [0, ''];
  try {
    const { sql } = await buildSelect(shape, { dialect, catalog: catalogOf(connection) });
    encoding = String(connection.first('PRAGMA encoding', [])?.[0]);
    connection.script(`CREATE TEMP TABLE rows_read AS ${sql}`);
    total = Number(connection.first('SELECT count(*) FROM temp.rows_read', [])?.[0]);
  } catch (error) {
    close();
    throw failureOf(file, error);
  }

  const idAt = Object.keys(shape.columns).indexOf(ID_KEY);
  return {
    unit: 'rows',
    total,
    async *read() {
      for (let done = 0; done < total; ) {
        const { rows } = connection.execute({
          sql: 'SELECT * FROM temp.rows_read WHERE rowid > ? ORDER BY rowid LIMIT ?',
          args: [done, PAGE_ROWS],
        });
        for (const row of rows) {
          done += 1;
          const values = Array.from(row, (value, at) => readValue(value, encoding, at === idAt));
          yield { place: `row ${done}`, done, values };
        }
      }
    },
    async close() {
      close();
    },
  };
}

/** Returns a value of {@link dialect} as the database has it. */
function readValue(value: unknown, encoding: string, isId: boolean): unknown {
  if (typeof value === 'string') {
    const bytes = Buffer.from(value, 'hex');
    return isId ? idOfBytes(bytes, true) : bytes;
  }
  return value instanceof ArrayBuffer ? decoded(Buffer.from(value), encoding) : value;
}

/** Keeps halves of characters, which are reported when the value is used, as does UTF-8 that is not valid. */
function decoded(text: Buffer, encoding: string): string | Buffer {
  if (!encoding.startsWith('UTF-16')) return text;
  const even = text.subarray(0, text.length - (text.length % 2));
  return (encoding === 'UTF-16be' ? even.swap16() : even).toString('utf16le');
}

/** Opens a database such that nothing is written beside it, and that its log is read. */
function openReadOnly(file: SourceFile): { connection: Connection; close: () => void } {
  const { path, start } = file;
  const isWal = start[READ_VERSION_AT] === WAL_VERSION;
  const uri = pathToFileURL(path).href;
  // In rollback mode, reading writes no files.
  if (!isWal) return opened(file, `${uri}?mode=ro`);
  // In WAL mode it needs the -shm file. SQLite would repair one that a crash has left, unless it may not write it.
  if (sizeOf(`${path}-shm`) > 0) return opened(file, `${uri}?mode=ro&readonly_shm=1`);
  // `immutable` ignores the log.
  if (sizeOf(`${path}-wal`) === 0) return opened(file, `${uri}?immutable=1`);
  return openedCopy(file);
}

/** Opens a copy of a database and its log. The copy has no name once it is open, so it disappears with the process. */
function openedCopy(file: SourceFile): ReturnType<typeof opened> {
  const folder = createTemporaryFolder();
  try {
    const copy = join(folder.path, 'copy.db');
    for (const end of ['', '-wal']) copyFileSync(file.path + end, copy + end);
    const { connection, close } = opened(file, copy);
    // Opens the log too.
    connection.first('SELECT count(*) FROM sqlite_schema', []);
    folder.remove();
    return {
      connection,
      close() {
        close();
        folder.remove();
      },
    };
  } catch (error) {
    folder.remove();
    throw failureOf(file, error);
  }
}

function opened(file: SourceFile, name: string): { connection: Connection; close: () => void } {
  let connection: Connection | undefined;
  try {
    const open = openConnection(name, 'bigint');
    connection = open;
    // A temporary table is in a file, and not in memory.
    open.script(`PRAGMA temp_store = FILE; PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return { connection: open, close: () => open.close() };
  } catch (error) {
    connection?.close();
    throw failureOf(file, error);
  }
}

const catalogOf = (connection: Connection): Catalog => ({
  async columnsOf(table) {
    const { rows } = connection.execute({
      sql: 'SELECT name FROM pragma_table_info(?)',
      args: [table],
    });
    return rows.map(({ name }) => String(name));
  },
  async tables() {
    return connection.execute(TABLES).rows.map(({ name }) => String(name));
  },
});

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/SQLITE_NOTADB|SQLITE_CORRUPT/, 'is not a SQLite database, or is damaged'],
  [/SQLITE_BUSY/, 'is locked by another program. Try again, or stop that program'],
  [
    /SQLITE_READONLY|SQLITE_CANTOPEN/,
    'was not closed properly, and its journal cannot be read without changing it. Start its own program once, and stop it',
  ],
  [/SQLITE_FULL/, 'cannot be copied: the disk of temporary files is full'],
];

function failureOf({ path }: SourceFile, error: unknown): CommandError {
  if (error instanceof CommandError)
    return new CommandError(
      error.message.includes(path) ? error.message : `${path}: ${error.message}`,
    );
  const text =
    error instanceof Error ? `${'code' in error ? error.code : ''} ${error.message}` : '';
  const [, reason] = REASONS.find(([pattern]) => pattern.test(text)) ?? [];
  return new CommandError(`${path} ${reason ?? `cannot be read: ${printable(text.trim())}`}.`);
}
