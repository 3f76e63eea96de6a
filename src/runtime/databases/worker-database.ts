import type { D1Database } from '@cloudflare/workers-types';
import { createClient } from '@libsql/client/http';
import { drizzle as drizzleD1 } from 'drizzle-orm/d1';
import { drizzle as drizzleLibsql } from 'drizzle-orm/libsql/http';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../core/db/database.ts';
import { createBoundedFetch } from './bounded-fetch.ts';

/** Stands for the binding `DB` where a `DATABASE_URL` would stand. */
export const D1_URL = 'd1:DB';

/**
 * The database of a Worker: the D1 binding, or a libSQL server over HTTP.
 *
 * The client counts requests under way and queues above a limit. A Worker's request that is aborted
 * never comes back from its `fetch`, so its place would stay taken: with the usual limit of 20, twenty
 * aborted requests would hang the isolate. Hence no limit on their number; each of them has one on its time.
 */
export function openWorkerDatabase(
  { databaseUrl, databaseAuthToken }: Pick<Config, 'databaseUrl' | 'databaseAuthToken'>,
  binding: D1Database | undefined,
): Database {
  if (databaseUrl === D1_URL && binding) return drizzleD1(binding);
  const client = createClient({
    url: databaseUrl,
    concurrency: Number.MAX_SAFE_INTEGER,
    fetch: createBoundedFetch({ atOnce: Number.POSITIVE_INFINITY }),
    ...(databaseAuthToken !== undefined && { authToken: databaseAuthToken }),
  });
  return drizzleLibsql({ client });
}
