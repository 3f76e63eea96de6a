import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, createClient, type Config as LibsqlConfig } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../core/db/database.ts';
import { createBoundedFetch } from './bounded-fetch.ts';
import { createEmbeddedClient, type EmbeddedClient } from './embedded-client.ts';
import { refuseForeignDatabase, refuseForeignFile } from './foreign-database.ts';
import { MIGRATIONS_FOLDER } from './migrations-folder.ts';

/** How long the bare driver waits for another process's write, and stands still meanwhile. */
const BUSY_TIMEOUT_MS = 5000;
const MIGRATION_ATTEMPTS = 3;
/** How many requests a libSQL server gets at once; as many as its client would send by itself. */
const REQUESTS_AT_ONCE = 20;

type DatabaseSettings = Pick<Config, 'databaseUrl' | 'databaseAuthToken'>;

/** What a client of a libSQL server may be told. */
type ClientOptions = Required<Pick<LibsqlConfig, 'concurrency' | 'fetch'>>;

export interface LibsqlDatabase {
  readonly db: Database;
  /**
   * Brings the schema up to date. Safe to call from many processes at once.
   *
   * @throws CommandError where the database is another program's
   */
  migrate(): Promise<void>;
  close(): void;
}

/**
 * Opens a `file:` database (made where it is missing, in WAL mode) or connects to a libSQL server.
 *
 * @param options for the client of a server. None has a limit of time, as a migration wants it
 * @throws CommandError where the file is another program's
 */
export async function openLibsql(
  settings: DatabaseSettings,
  options: Partial<ClientOptions> = {},
): Promise<LibsqlDatabase> {
  const path = filePathOf(settings.databaseUrl);
  if (path === undefined) {
    const client = connect(settings, options);
    return { ...overClient(client), close: () => client.close() };
  }
  const client = await openFile(path);
  const { db, migrate } = overClient(client);
  const { lookUp } = client;
  return { db: Object.assign(db, { lookUp }), migrate, close: () => client.close() };
}

/**
 * For who serves: no request waits for a libSQL server for long. The turn is waited for in our `fetch`.
 *
 * @param send the `fetch` that it calls
 */
export const serving = (send: typeof fetch = fetch): ClientOptions => ({
  concurrency: Number.MAX_SAFE_INTEGER,
  fetch: createBoundedFetch({ atOnce: REQUESTS_AT_ONCE, send }),
});

/** The bare driver. A `file:` database is opened as it is, and made where it is missing. */
export const connect = (
  { databaseUrl, databaseAuthToken }: DatabaseSettings,
  options: Partial<ClientOptions> = {},
): Client =>
  createClient({
    ...options,
    url: databaseUrl,
    timeout: BUSY_TIMEOUT_MS,
    ...(databaseAuthToken !== undefined && { authToken: databaseAuthToken }),
  });

async function openFile(path: string): Promise<EmbeddedClient> {
  refuseForeignFile(path);
  mkdirSync(dirname(path), { recursive: true });
  const client = createEmbeddedClient(path);
  await client.execute('PRAGMA journal_mode = WAL');
  return client;
}

/** The file that a `file:` URL names; `undefined` for a server. */
export function filePathOf(databaseUrl: string): string | undefined {
  if (!databaseUrl.startsWith('file:')) return undefined;
  if (databaseUrl.startsWith('file://')) return fileURLToPath(databaseUrl);
  return decodeURIComponent(databaseUrl.slice('file:'.length).split('?')[0] ?? '');
}

function overClient(client: Client): Omit<LibsqlDatabase, 'close'> {
  const db = drizzle({ client });
  return {
    db,
    async migrate() {
      await refuseForeignDatabase(client);
      // Of two processes that start at once, the slower one fails on a table that is already there. Its
      // next attempt finds the migration done.
      for (let attempt = 1; ; attempt++) {
        try {
          return await migrate(db, { migrationsFolder: MIGRATIONS_FOLDER });
        } catch (error) {
          if (attempt === MIGRATION_ATTEMPTS) throw error;
        }
      }
    },
  };
}
