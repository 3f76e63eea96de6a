import type { InValue, Value } from '@libsql/client';
import type { LookUp } from '../../../core/db/database.ts';
import type { Connection } from './connection.ts';
import { isBusy } from './errors.ts';

type Row = readonly Value[] | undefined;

/** A look-up that waits for the end of the turn. */
interface Waiting {
  readonly sql: string;
  readonly args: readonly InValue[];
  readonly resolve: (row: Row | Promise<Row>) => void;
  readonly reject: (error: unknown) => void;
  row?: Row;
  error?: unknown;
}

/**
 * Batches the look-ups of one turn of the event loop into one read transaction at its end. Between two requests, the
 * processor's caches lose SQLite's code, and reloading it costs five times as much as the query. A batch pays only once
 * for reloading the code and for the locks of a read. The read begins after all calls of the batch, so each look-up
 * sees every commit made before its call.
 *
 * @param open returns the connection, or throws if it is closed
 * @param retry repeats a look-up that found the database locked
 * @returns a function that prepares a look-up
 */
export function createLookUps(
  open: () => Connection,
  retry: (lookUp: () => Row) => Promise<Row>,
): (sql: string) => LookUp {
  let waiting: Waiting[] = [];

  function endTurn(): void {
    const all = waiting;
    waiting = [];
    try {
      readAll(open(), all);
    } catch (error) {
      for (const one of all) one.reject(error);
      return;
    }
    for (const one of all) {
      if (one.error === undefined) one.resolve(one.row);
      else if (isBusy(one.error)) one.resolve(retry(() => open().first(one.sql, one.args)));
      else one.reject(one.error);
    }
  }

  return (sql) => (args) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(endTurn);
      waiting.push({ sql, args, resolve, reject });
    });
}

/** Records an outcome for each look-up, so that a failure does not affect the others. */
function readAll(on: Connection, all: readonly Waiting[]): void {
  if (all.length > 1) on.begin('deferred');
  try {
    for (const one of all) {
      try {
        one.row = on.first(one.sql, one.args);
      } catch (error) {
        one.error = error;
      }
    }
  } finally {
    // Ends the read transaction, which has nothing to commit.
    on.rollback();
  }
}
