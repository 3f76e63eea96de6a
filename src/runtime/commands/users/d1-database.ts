import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/sqlite-proxy';
import type { Database } from '../../../core/db/database.ts';
import { inlined } from './sql-literal.ts';
import { type D1Place, executeD1 } from './wrangler.ts';

type Rows = readonly Readonly<Record<string, unknown>>[];

/** The rows of drizzle: their values in column order. */
const valuesOf = (rows: Rows = []) => ({ rows: rows.map((row) => Object.values(row)) });

/**
 * Opens a D1 database through wrangler. A query is an argument of wrangler, and a batch is a file, which D1 applies as a
 * whole or not at all. **A batch returns no rows from a remote database**: wrangler imports the file there. So what a
 * batch has done must be asked afterwards.
 */
export function openD1(place: D1Place): Database {
  return drizzle(
    async (sql, params) => {
      const [result] = await executeD1(place, `--command=${inlined({ sql, params })}`);
      return valuesOf(result?.results);
    },
    async (batch) => {
      const text = batch.map((statement) => `${inlined(statement)};\n`).join('');
      const results = await withSqlFile(text, (path) => executeD1(place, `--file=${path}`));
      const isPerStatement = place.where === 'local' && results.length === batch.length;
      return batch.map((_, i) => valuesOf(isPerStatement ? results[i]?.results : []));
    },
  );
}

/** Runs work with a file that only this user can read, and removes the file. */
async function withSqlFile<Result>(
  text: string,
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  // A signal ends the process before `finally`.
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const onSignal = (signal: NodeJS.Signals) => {
    remove();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal).once('exit', remove);
  try {
    const path = join(folder, 'change.sql');
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    return await work(path);
  } finally {
    remove();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('exit', remove);
  }
}
