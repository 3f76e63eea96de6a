import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { D1Database } from '@cloudflare/workers-types';
import { createClient } from '@libsql/client';
import { drizzle as drizzleD1 } from 'drizzle-orm/d1';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { onTestFinished } from 'vitest';
import { getPlatformProxy } from 'wrangler';
import type { Database } from '../../src/core/db/database.ts';
import type { WorkerEnv } from '../../src/runtime/servers/worker-app.ts';
import type { RunningProcess } from './process.ts';
import { emptyFolder } from './server.ts';
import { startSqld } from './sqld.ts';
import { ROOT } from './targets.ts';
import { MIGRATIONS } from './test-app.ts';

/** The separator that drizzle-kit writes between statements. */
const BREAKPOINT = '--> statement-breakpoint';

/** For each driver, opens a migrated database that only this test uses. */
export const databases: Readonly<Record<string, () => Promise<Database>>> = {
  'a file': () => openLibsql(`file:${join(emptyFolder(), 'test.db')}`),

  'a libSQL server': async () => openLibsql(await startServer()),

  D1: async () => drizzleD1(await migratedD1()),
};

/** Starts a libSQL server that only this test uses. */
async function startServer(): Promise<string> {
  const processes: RunningProcess[] = [];
  const url = await startSqld(emptyFolder(), processes);
  onTestFinished(async () => {
    for (const running of processes) await running.stop();
  });
  return url;
}

/** Starts a migrated libSQL server. Returns its URL. */
export async function migratedServer(): Promise<string> {
  const url = await startServer();
  await openLibsql(url);
  return url;
}

/** Opens a migrated D1 database in workerd that only this test uses. */
export async function migratedD1(): Promise<D1Database> {
  const configPath = join(ROOT, 'wrangler.toml');
  const proxy = await getPlatformProxy<WorkerEnv>({ configPath, persist: false });
  onTestFinished(proxy.dispose);
  const { DB } = proxy.env;
  if (!DB) throw new Error('wrangler.toml binds no DB');
  for (const file of readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql'))) {
    const statements = readFileSync(join(MIGRATIONS, file), 'utf8').split(BREAKPOINT);
    await DB.batch(statements.map((text) => DB.prepare(text)));
  }
  return DB;
}

async function openLibsql(url: string): Promise<Database> {
  const client = createClient({ url, timeout: 5000 });
  onTestFinished(() => client.close());
  const db = drizzle({ client });
  await migrate(db, { migrationsFolder: MIGRATIONS });
  return db;
}
