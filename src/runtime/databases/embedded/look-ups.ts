import type { InValue, Value } from '@libsql/client';
import type { LookUp } from '../../../core/db/database.ts';
import type { Connection } from './connection.ts';
import { isBusy } from './errors.ts';

type Row = readonly Value[] | undefined;

/** One that waits for the end of the turn. */
interface Waiting {
  readonly sql: string;
  readonly args: readonly InValue[];
  readonly resolve: (row: Row | Promise<Row>) => void;
  readonly reject: (error: unknown) => void;
  row?: Row;
  error?: unknown;
}

/**
 * Answers the look-ups of one turn of the event loop together, at its end, as one read of the database.
 * Between two requests the processor has forgotten SQLite's code and has it again at five times the cost of
 * the query; and the locks of a read are taken once. Everybody gets what is true after they asked: the read
 * begins when all of them have.
 *
 * @param open returns the connection, or throws if it is closed
 * @param insist tries one again that met a lock
 * @returns what prepares a look-up
 */
export function createLookUps(
  open: () => Connection,
  insist: (look: () => Row) => Promise<Row>,
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
      else if (isBusy(one.error)) one.resolve(insist(() => open().first(one.sql, one.args)));
      else one.reject(one.error);
    }
  }

  return (sql) => (args) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(endTurn);
      waiting.push({ sql, args, resolve, reject });
    });
}

/** Each with an outcome of its own: one that fails leaves the others theirs. */
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
    // Nothing was written.
    on.rollback();
  }
}
