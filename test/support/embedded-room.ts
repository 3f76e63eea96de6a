import { join } from 'node:path';
import type { InStatement } from '@libsql/client';
import Database from 'libsql';
import { onTestFinished } from 'vitest';
import {
  createEmbeddedClient,
  type EmbeddedClient,
} from '../../src/runtime/databases/embedded-client.ts';
import { emptyFolder } from './server.ts';

/** An embedded client on a new database file with a table `t`. */
export interface Room {
  readonly client: EmbeddedClient;
  /** Another connection to the same file. */
  readonly other: Database.Database;
  readonly path: string;
}

/** @param lockTimeout in milliseconds */
export async function opened(lockTimeout = 20_000): Promise<Room> {
  const path = join(emptyFolder(), 'x.db');
  const client = createEmbeddedClient(path, { lockTimeout });
  const other = new Database(path);
  onTestFinished(() => {
    client.close();
    other.close();
  });
  await client.execute('PRAGMA journal_mode = WAL');
  await client.execute('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE)');
  return { client, other, path };
}

/** Returns a statement that inserts a row into `t`. */
export const insert = (a: string): InStatement => ({
  sql: 'insert into t (a) values (?)',
  args: [a],
});
/** Returns the values in `t`, in the order of their ids. */
export const contents = (of: Database.Database): unknown[] =>
  of.prepare('select a from t order by id').pluck().all();
export const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
