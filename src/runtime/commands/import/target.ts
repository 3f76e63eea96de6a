import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { sql } from 'drizzle-orm';
import type { Config } from '../../../config/config.ts';
import { type Database, pingDatabase } from '../../../core/db/database.ts';
import { CommandError } from '../../../core/errors.ts';
import { createImportStore, type ImportStore } from '../../../features/imports/store.ts';
import { NOTHING_OCCUPIED } from '../../../features/imports/target.ts';
import { sizeOf } from '../../databases/file-size.ts';
import {
  filePathOf,
  type LibsqlDatabase,
  openForReading,
  openLibsql,
} from '../../databases/libsql.ts';
import { existingFile } from '../database-file.ts';
import { createD1Folder, othersQuery } from './d1-folder.ts';
import type { ImportOptions } from './options.ts';

/** For a database file: a cache of 64 MB, and a checkpoint each 64 MB of the -wal. */
const PRAGMAS = ['PRAGMA cache_size = -65536', 'PRAGMA wal_autocheckpoint = 16000'];

/** Where a run imports to. */
export interface OpenTarget {
  readonly store: ImportStore;
  /** After a run that has read its source to the end. Returns what the operator does next, if anything. */
  complete(): string | undefined;
  /** At the end of every run. */
  close(): void;
}

/**
 * Opens the target of a run. A real run creates a missing database file; for a dry run, it is empty. A dry run changes
 * nothing of a file, not even its journal mode.
 *
 * @throws CommandError if the ids cannot be those that the options ask for
 */
export async function openTarget(
  options: ImportOptions,
  settings: Pick<Config, 'databaseUrl' | 'databaseAuthToken'>,
): Promise<OpenTarget> {
  const { d1, dryRun, source } = options;
  if (d1 !== undefined) return dryRun ? nowhere() : d1Target(d1, source);
  const path = filePathOf(settings.databaseUrl);
  const isMissing = path !== undefined && isEmpty(resolve(path));
  if (isMissing && dryRun) return nowhere();
  if (!isMissing) existingFile(settings.databaseUrl);
  if (dryRun) return readTarget(openForReading(settings), options);
  const database = await openLibsql(settings);
  try {
    // An earlier run may have been killed before it had created the tables.
    if (path !== undefined && !(await hasTables(database.db))) await database.migrate();
    // Batches touch pages everywhere in the indexes: these keep more of them in memory, and write them less often.
    if (path !== undefined) for (const pragma of PRAGMAS) await database.db.run(sql.raw(pragma));
  } catch (error) {
    database.close();
    throw error;
  }
  return readTarget(database, options);
}

async function readTarget(
  { db, close }: Pick<LibsqlDatabase, 'db' | 'close'>,
  options: Pick<ImportOptions, 'keepIds' | 'source'>,
): Promise<OpenTarget> {
  try {
    const store = createImportStore(db, { source: options.source, clock: Date.now });
    // Both fail early if the database is not migrated.
    await pingDatabase(db);
    await store.find([]);
    await requireSameIds(store, options);
    return { store, complete: () => undefined, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Rejects a run that would give accounts other ids than an earlier run of the same source. */
async function requireSameIds(
  store: ImportStore,
  { keepIds, source }: Pick<ImportOptions, 'keepIds' | 'source'>,
): Promise<void> {
  const hasKeptIds = await store.hasKeptIds();
  if (hasKeptIds === undefined && keepIds && (await store.hasOtherAccounts()))
    throw notEmpty(source);
  if (hasKeptIds === undefined || hasKeptIds === keepIds) return;
  throw new CommandError(
    hasKeptIds
      ? `Earlier runs have imported ${source} with --keep-ids. Go on with it.`
      : `--keep-ids: earlier runs have imported ${source} without it. Go on without it.`,
  );
}

/** True for a missing file, and for one without content. */
const isEmpty = (path: string): boolean => {
  const found = statSync(path, { throwIfNoEntry: false });
  return !found || (found.isFile() && found.size + sizeOf(`${path}-wal`) === 0);
};

const hasTables = async (db: Database): Promise<boolean> =>
  (await db.all(sql`select 1 from sqlite_schema where name = 'users'`)).length > 0;

function d1Target(folder: string, source: string): OpenTarget {
  const store = createD1Folder(folder, source);
  let isComplete = false;
  return {
    store,
    complete() {
      const files = store.publish();
      isComplete = true;
      return nextSteps(store.path, files, source);
    },
    close() {
      if (!isComplete) store.discard();
    },
  };
}

const nextSteps = (path: string, files: number, source: string): string =>
  `${files} files in ${path}. They contain hashes of passwords. Apply them in a folder with the wrangler.toml of the Worker; applied again, they change nothing more:

  for file in '${path.replaceAll("'", "'\\''")}'/*.sql; do npx wrangler d1 execute DB --remote --yes --file "$file" || break; done

Accounts whose address belongs to another account in D1 are left out. This lists their ids in the source:

  npx wrangler d1 execute DB --remote --command "${othersQuery(source)}"`;

const nowhere = (): OpenTarget => ({
  store: {
    limits: { accounts: 1000, bytes: 1_000_000 },
    find: async () => NOTHING_OCCUPIED,
    store: async () => new Set(),
    hasOtherAccounts: async () => false,
    hasKeptIds: async () => undefined,
    record: async () => {},
  },
  complete: () => undefined,
  close() {},
});

const notEmpty = (source: string): CommandError =>
  new CommandError(
    `--keep-ids: the database has accounts that are not imported from ${source}, such as the demo user. Their ids could be those of imported accounts. Import without --keep-ids, or into a new database.`,
  );
