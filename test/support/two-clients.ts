import { join } from 'node:path';
import {
  type Client,
  createClient,
  type IntMode,
  LibsqlError,
  type ResultSet,
} from '@libsql/client';
import { createEmbeddedClient } from '../../src/runtime/databases/embedded-client.ts';

/** The project's embedded client and @libsql/client, each on its own file. */
export interface TwoClients {
  readonly ours: Client;
  readonly theirs: Client;
}

export async function openTwoClients(folder: string, intMode: IntMode): Promise<TwoClients> {
  const ours = createEmbeddedClient(join(folder, 'ours.db'), { intMode });
  const theirs = createClient({ url: `file:${join(folder, 'theirs.db')}`, intMode });
  for (const client of [ours, theirs]) await client.execute('PRAGMA journal_mode = WAL');
  return { ours, theirs };
}

/** Returns the observable outcome of a call, in a form that can be compared. */
export async function outcomeOf(call: () => Promise<unknown>): Promise<unknown> {
  try {
    const result = await call();
    return Array.isArray(result) ? result.map(observable) : observable(result);
  } catch (error) {
    if (!(error instanceof Error)) return error;
    const { name, message } = error;
    if (!(error instanceof LibsqlError)) return { name, message };
    const { code, extendedCode, rawCode } = error;
    const index = 'statementIndex' in error ? error.statementIndex : undefined;
    return { name, message, code, extendedCode, rawCode, index };
  }
}

function observable(result: unknown): unknown {
  if (!isResultSet(result)) return result;
  const { columns, columnTypes, rows, rowsAffected, lastInsertRowid } = result;
  return {
    ...{ columns, columnTypes, rowsAffected, lastInsertRowid },
    byName: rows.map((row) => Object.entries(row).map(([name, value]) => [name, plain(value)])),
    byPosition: rows.map((row) => Array.prototype.slice.call(row).map(plain)),
    keys: Object.keys(result),
    json: JSON.stringify(result),
  };
}

const isResultSet = (value: unknown): value is ResultSet =>
  typeof value === 'object' && value !== null && 'rows' in value;

const plain = (value: unknown) =>
  value instanceof ArrayBuffer ? { hex: Buffer.from(value).toString('hex') } : value;
