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
import { type Measure, measureClient } from './measured.ts';
import { MIGRATIONS_FOLDER } from './migrations-folder.ts';
import { openFailure } from './open-failure.ts';

/** How long the bare driver waits for another process's write lock. Waiting blocks the event loop. */
const BUSY_TIMEOUT_MS = 5000;
const MIGRATION_ATTEMPTS = 3;
/** Maximum number of in-flight requests to a libSQL server. The default of its client. */
const REQUESTS_AT_ONCE = 20;

type DatabaseSettings = Pick<Config, 'databaseUrl' | 'databaseAuthToken'>;

/** Options for the client of a libSQL server. */
type ClientOptions = Required<Pick<LibsqlConfig, 'concurrency' | 'fetch'>>;

export interface LibsqlDatabase {
  readonly db: Database;
  /**
   * Applies pending migrations. Safe to call from several processes at once.
   *
   * @throws CommandError if the database belongs to another program
   */
  migrate(): Promise<void>;
  close(): void;
}

/**
 * Opens a `file:` database in WAL mode, creating it if missing, or connects to a libSQL server.
 *
 * @param options for the client of a server. By default, its requests have no timeout, as migrations need
 * @param measure measures each call of the database
 * @throws CommandError if the file cannot be opened, or belongs to another program
 */
export async function openLibsql(
  settings: DatabaseSettings,
  options: Partial<ClientOptions> = {},
  measure?: Measure,
): Promise<LibsqlDatabase> {
  const path = filePathOf(settings.databaseUrl);
  if (path === undefined) {
    const client = connect(settings, options);
    if (measure) measureClient(client, measure);
    return { ...overClient(client), close: () => client.close() };
  }
  const client = await openFile(path);
  if (measure) measureClient(client, measure);
  const { db, migrate } = overClient(client);
  const { lookUp } = client;
  return { db: Object.assign(db, { lookUp }), migrate, close: () => client.close() };
}

/**
 * Opens a database to read it. Changes nothing of a file, not even its journal mode.
 *
 * @throws CommandError if the file cannot be opened, or belongs to another program
 */
export function openForReading(settings: DatabaseSettings): Omit<LibsqlDatabase, 'migrate'> {
  const path = filePathOf(settings.databaseUrl);
  try {
    if (path !== undefined) refuseForeignFile(path);
    const client = connect(settings);
    return { db: drizzle({ client }), close: () => client.close() };
  } catch (error) {
    throw path === undefined ? error : openFailure(path, error);
  }
}

/**
 * Returns the client options for serving requests. They bound how long a request waits for a libSQL server. The bounded
 * `fetch` has a queue, so the client's own limit is off.
 *
 * @param send the `fetch` to call; must not retry
 */
export const servingOptions = (send: typeof fetch = fetch): ClientOptions => ({
  concurrency: Number.MAX_SAFE_INTEGER,
  fetch: createBoundedFetch({ atOnce: REQUESTS_AT_ONCE, send }),
});

/** Creates a client of the bare driver. Opens a `file:` database in its current mode, creating it if missing. */
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
  try {
    refuseForeignFile(path);
    mkdirSync(dirname(path), { recursive: true });
    const client = createEmbeddedClient(path);
    await client.execute('PRAGMA journal_mode = WAL');
    return client;
  } catch (error) {
    throw openFailure(path, error);
  }
}

/** Returns the path of a `file:` URL; `undefined` for the URL of a server. */
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
      // If two processes migrate at once, the slower one fails because a table already exists. Its next attempt finds
      // the migration applied.
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
