import { copyFileSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Client } from '@libsql/client';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { CommandError } from '../../core/errors.ts';
import { openConnection } from './embedded/connection.ts';
import { sizeOf } from './file-size.ts';
import { MIGRATIONS_FOLDER } from './migrations-folder.ts';

const LEDGER = '__drizzle_migrations';
const MIGRATIONS = `SELECT created_at FROM ${LEDGER}`;
/** Excludes the internal tables of SQLite, libSQL, D1 and Litestream. */
const TABLES = `SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*'
  AND name NOT GLOB 'libsql_*' AND name NOT GLOB '_cf_*' AND name NOT GLOB '_litestream_*' ORDER BY name`;
const MAX_TABLES_NAMED = 5;
/** In bytes. More than the size of a new Latchkey database after its first migration. */
const MAX_FIRST_BYTES = 1_000_000;

/** The tables and applied migrations of a database. */
interface Content {
  readonly tables: readonly string[];
  /** The creation time of each migration in the ledger, in milliseconds since 1970. */
  readonly migrations: readonly number[];
}

/**
 * Rejects a database file of another program before it is opened for writing. Changes neither the file nor its folder.
 * Does nothing for a missing, empty or unreadable file: the driver creates it, or fails.
 *
 * @throws CommandError that names the file and its tables
 */
export function refuseForeignFile(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  const content = readContent(realpathSync(path));
  if (content === undefined || !(content === 'no database' || isForeign(content))) return;
  const what = content === 'no database' ? 'is not a SQLite database' : describeForeign(content);
  throw new CommandError(
    `DATABASE_URL: ${resolve(path)} ${what}. Nothing was changed. Use another file; a missing file is created.`,
  );
}

/**
 * Rejects a database of another program through an open connection. For a database on a server, or a file that could
 * not be read before it was opened.
 *
 * @throws CommandError that names the tables; the driver's error if a query fails
 */
export async function refuseForeignDatabase(client: Client): Promise<void> {
  const column = async (sql: string) => (await client.execute(sql)).rows.map((row) => row[0]);
  // Reads the tables before the ledger. A migration commits its tables and its ledger row in one transaction, so a
  // migration that commits between the two queries does not look foreign.
  const tables = (await column(TABLES)).map(String);
  const migrations = tables.includes(LEDGER) ? (await column(MIGRATIONS)).map(Number) : [];
  const content = { tables, migrations };
  if (!isForeign(content)) return;
  throw new CommandError(
    `DATABASE_URL: the database ${describeForeign(content)}. Nothing was changed. Use a separate database.`,
  );
}

function readContent(path: string): Content | 'no database' | undefined {
  try {
    // With `immutable`, SQLite takes no lock and does not create a -wal and a -shm file, which it needs to read a file
    // in WAL mode.
    const content = contentAt(`${pathToFileURL(path).href}?immutable=1`);
    // After a crash during the first start, the -wal file may still contain everything, or only the ledger.
    const mayBeInLog = isForeign(content)
      ? sizeOf(path) <= MAX_FIRST_BYTES
      : isWithoutTables(content);
    return mayBeInLog && sizeOf(`${path}-wal`) > 0 ? contentWithLog(path) : content;
  } catch (error) {
    const isDatabase = !(error instanceof Error && error.message.includes('SQLITE_NOTADB'));
    return isDatabase ? undefined : 'no database';
  }
}

/**
 * Reads temporary copies of a file and its `-wal`. The file is small: it has no tables yet, or at most {@link
 * MAX_FIRST_BYTES}. Does not read the original through a read-only connection, because the driver closes it late, and
 * until then the process cannot open a connection that writes.
 */
function contentWithLog(path: string): Content {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  try {
    const copy = join(folder, 'copy.db');
    for (const end of ['', '-wal']) copyFileSync(path + end, copy + end);
    return contentAt(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function contentAt(name: string): Content {
  const connection = openConnection(name, 'number');
  try {
    const column = (sql: string) => connection.execute(sql).rows.map((row) => row[0]);
    const tables = column(TABLES).map(String);
    return { tables, migrations: tables.includes(LEDGER) ? column(MIGRATIONS).map(Number) : [] };
  } finally {
    connection.close();
  }
}

/** Compares migrations by creation time, because their hashes differ if Git has converted line endings. */
function isForeign({ tables, migrations }: Content): boolean {
  if (tables.every((table) => table === LEDGER) && migrations.length === 0) return false;
  const ours = readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER });
  return !ours.some(({ folderMillis }) => migrations.includes(folderMillis));
}

function describeForeign({ tables }: Content): string {
  const named = tables.slice(0, MAX_TABLES_NAMED).map((table) => table.replaceAll(/\p{C}/gu, '?'));
  const more = tables.length > MAX_TABLES_NAMED ? ', …' : '';
  return `belongs to another program (tables: ${named.join(', ')}${more})`;
}

const isWithoutTables = ({ tables }: Content): boolean => tables.length === 0;
