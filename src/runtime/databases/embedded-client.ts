import type { Client, InArgs, InStatement, IntMode, TransactionMode } from '@libsql/client';
import type { LookUp } from '../../core/db/database.ts';
import {
  type Connection,
  normalize,
  openConnection,
  type Statement,
} from './embedded/connection.ts';
import { clientClosed } from './embedded/errors.ts';
import { createGroupCommit } from './embedded/group-commit.ts';
import { createLookUps } from './embedded/look-ups.ts';
import { createTransaction } from './embedded/transaction.ts';
import { createWriteQueue, type WriteQueue } from './embedded/write-queue.ts';

/** A client of @libsql/client's interface, and what is possible beside it where the database is in this process. */
export interface EmbeddedClient extends Client {
  /** A query for one row. Those of one turn of the event loop are answered together, at its end. */
  lookUp(sql: string): LookUp;
}

interface EmbeddedClientOptions {
  /** How integers are given: as numbers, unless told otherwise. */
  readonly intMode?: IntMode;
  /** How long a write waits for the lock of another process in all, in milliseconds. */
  readonly lockTimeout?: number;
}

const LOCK_TIMEOUT_MS = 3000;
const MAX_WAITING = 1000;
const READ = /^\s*select\b/i;

/**
 * A client for a database file with the interface, the results and the errors of @libsql/client, which keeps
 * its statements prepared and never blocks the process for a lock: a write that meets one waits by timer,
 * reads go on. All statements run on one connection, a transaction on one of its own.
 *
 * What is tried again has changed nothing: one statement outside of a transaction that SQLite refused with
 * SQLITE_BUSY, or a batch that was rolled back for it.
 *
 * @param path of the file, made where it is missing
 */
export function createEmbeddedClient(
  path: string,
  { intMode = 'number', lockTimeout = LOCK_TIMEOUT_MS }: EmbeddedClientOptions = {},
): EmbeddedClient {
  const queue = createWriteQueue({ limit: lockTimeout, maxWaiting: MAX_WAITING });
  const group = createGroupCommit(queue, () => open());
  const transactions = new Set<Connection>();
  let connection = openConnection(path, intMode);

  const open = (): Connection => {
    if (connection.isOpen) return connection;
    throw clientClosed();
  };

  /** Behind the batches that were called before. */
  const run: WriteQueue['run'] = (attempt, options) => {
    group.endTurn();
    return queue.run(attempt, options);
  };

  /** One call of a driver that leaves no transaction open behind it. */
  function settled<T>(work: (on: Connection) => T): T {
    const on = open();
    try {
      return work(on);
    } finally {
      on.rollback();
    }
  }

  const isRead = (statement: Statement) => READ.test(normalize(statement).sql);

  function close(): void {
    for (const each of [connection, ...transactions]) each.close();
    transactions.clear();
  }

  return {
    protocol: 'file',

    get closed() {
      return !connection.isOpen;
    },

    async execute(statement: InStatement, args?: InArgs) {
      const one: Statement =
        typeof statement === 'string' && args ? { sql: statement, args } : statement;
      // A read ends with its last row, so there is nothing to look for behind it.
      return isRead(one)
        ? run(() => open().execute(one), { overtakes: true })
        : run(() => settled((on) => on.execute(one)));
    },

    lookUp: createLookUps(open, (look) => queue.run(look)),

    async batch(statements, mode = 'deferred') {
      return mode === 'read' || statements.every(isRead)
        ? run(() => open().transact(mode, statements), { overtakes: true })
        : group.batch(mode, statements);
    },

    async migrate(statements) {
      return run(() =>
        settled((on) => {
          on.execute('PRAGMA foreign_keys=off');
          try {
            return on.transact('deferred', statements);
          } finally {
            on.execute('PRAGMA foreign_keys=on');
          }
        }),
      );
    },

    async transaction(mode: TransactionMode = 'write') {
      open();
      for (const each of transactions) if (!each.isOpen) transactions.delete(each);
      const own = openConnection(path, intMode);
      transactions.add(own);
      try {
        await run(
          () => {
            open();
            own.begin(mode);
          },
          { overtakes: mode !== 'write' },
        );
      } catch (error) {
        own.close();
        throw error;
      }
      return createTransaction(own);
    },

    // Not tried again: what stands before the statement that met the lock may have been applied.
    executeMultiple: async (sql) => {
      group.endTurn();
      return settled((on) => on.script(sql));
    },

    sync: async () => open().sync(),

    close,

    reconnect() {
      close();
      connection = openConnection(path, intMode);
    },
  };
}
