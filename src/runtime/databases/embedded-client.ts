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

/** The interface of @libsql/client, plus the operations that only an in-process database can have. */
export interface EmbeddedClient extends Client {
  /** Prepares a query for one row. The look-ups of one turn of the event loop run together, at its end. */
  lookUp(sql: string): LookUp;
}

interface EmbeddedClientOptions {
  /** How integers are returned; as numbers by default. */
  readonly intMode?: IntMode;
  /** How long a write waits in total for the lock of another process, in milliseconds. */
  readonly lockTimeout?: number;
}

const LOCK_TIMEOUT_MS = 3000;
const MAX_WAITING = 1000;
const READ = /^\s*select\b/i;

/**
 * Creates a client for a database file with the interface, results and errors of @libsql/client. Unlike that client, it
 * caches prepared statements, and a lock never blocks the process: a write that finds the database locked retries on a
 * timer while reads go on. All statements share one connection; each interactive transaction has its own.
 *
 * Retries only operations that have changed nothing: a statement outside a transaction that failed with SQLITE_BUSY, or
 * a batch that was rolled back because of SQLITE_BUSY.
 *
 * @param path the path of the file, which is created if missing
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

  /** Runs an attempt after all batches whose calls came first. */
  const run: WriteQueue['run'] = (attempt, options) => {
    group.endTurn();
    return queue.run(attempt, options);
  };

  /** Runs one driver call, and rolls back a transaction that the call leaves open. */
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
      // A read leaves no transaction open, so it does not need `settled`.
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

    // Not retried: the statements before the one that found the database locked may have been applied.
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
