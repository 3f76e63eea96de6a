import type { Transaction } from '@libsql/client';
import type { Connection } from './connection.ts';
import { transactionClosed } from './errors.ts';

/**
 * Wraps an interactive transaction that has begun on its own connection. The end of the transaction closes the
 * connection.
 */
export function createTransaction(connection: Connection): Transaction {
  const open = (): Connection => {
    if (connection.inTransaction) return connection;
    throw transactionClosed();
  };
  const end = (sql: string) => {
    try {
      open().execute(sql);
    } finally {
      connection.close();
    }
  };
  return {
    execute: async (statement) => open().execute(statement),
    batch: async (statements) => connection.executeAll(statements),
    executeMultiple: async (sql) => open().script(sql),
    commit: async () => end('COMMIT'),
    async rollback() {
      if (connection.isOpen) end('ROLLBACK');
    },
    close: () => connection.close(),
    get closed() {
      return !connection.inTransaction;
    },
  };
}
