import type { D1Database } from '@cloudflare/workers-types';
import { createClient } from '@libsql/client/http';
import { drizzle as drizzleD1 } from 'drizzle-orm/d1';
import { drizzle as drizzleLibsql } from 'drizzle-orm/libsql/http';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../core/db/database.ts';
import { createBoundedFetch } from './bounded-fetch.ts';
import { type Measure, measureClient, measuredD1 } from './measured.ts';

/** The database URL that stands for the D1 binding `DB`. */
export const D1_URL = 'd1:DB';

/**
 * Opens the database of a Worker: the D1 binding, or a libSQL server over HTTP.
 *
 * By default, the libSQL client limits its in-flight requests to 20. In a Worker, the `fetch` of an aborted request
 * never settles and would never free its slot, so twenty aborted requests would hang the isolate. Therefore each
 * request has a timeout, but their number is not limited.
 */
export function openWorkerDatabase(
  { databaseUrl, databaseAuthToken }: Pick<Config, 'databaseUrl' | 'databaseAuthToken'>,
  binding: D1Database | undefined,
  measure?: Measure,
): Database {
  if (databaseUrl === D1_URL && binding) {
    return drizzleD1(measure ? measuredD1(binding, measure) : binding);
  }
  const client = createClient({
    url: databaseUrl,
    concurrency: Number.MAX_SAFE_INTEGER,
    fetch: createBoundedFetch({ atOnce: Number.POSITIVE_INFINITY }),
    ...(databaseAuthToken !== undefined && { authToken: databaseAuthToken }),
  });
  if (measure) measureClient(client, measure);
  return drizzleLibsql({ client });
}
