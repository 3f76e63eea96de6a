import type { ResultSet, TransactionMode } from '@libsql/client';
import { type Connection, normalize, type Statement } from './connection.ts';
import { isBusy } from './errors.ts';
import type { WriteQueue } from './write-queue.ts';

/** Commits batches of statements, each atomically. */
export interface GroupCommit {
  /** Runs statements in order, at the end of the turn of the event loop. */
  batch(mode: TransactionMode, statements: readonly Statement[]): Promise<ResultSet[]>;
  /** Immediately commits the batches that wait for the end of the turn, before any later call runs. */
  endTurn(): void;
}

/** A batch that waits for the end of the turn. */
interface Waiting {
  readonly mode: TransactionMode;
  readonly statements: readonly Statement[];
  readonly resolve: (results: ResultSet[] | Promise<ResultSet[]>) => void;
  readonly reject: (error: unknown) => void;
}

/** Statements that neither begin nor end a transaction, and do not depend on one. */
const GROUPABLE = /^\s*(?:select|insert|update|delete|replace)\b/i;
const WRITE = /^\s*(?:insert|update|delete|replace)\b/i;

/**
 * Commits the batches of one turn of the event loop together, at its end, because a commit takes the lock and writes
 * the log, which costs more than the statements of a batch. Callers get their results after the commit. If a batch
 * fails, all batches are rolled back and then run one by one, so that each has the outcome that it would have had
 * alone.
 *
 * @param open returns the connection, or throws if it is closed
 */
export function createGroupCommit(queue: WriteQueue, open: () => Connection): GroupCommit {
  let waiting: Waiting[] = [];

  function endTurn(): void {
    const all = waiting;
    waiting = [];
    if (all.length > 1) void settleTogether(all);
    else for (const one of all) one.resolve(alone(one));
  }

  async function settleTogether(all: readonly Waiting[]): Promise<void> {
    try {
      await queue.run(() => commitTogether(all));
    } catch (error) {
      for (const { reject } of all) reject(error);
    }
  }

  /** @throws LibsqlError SQLITE_BUSY if the database is locked; all batches then wait for the lock together */
  function commitTogether(all: readonly Waiting[]): void {
    try {
      const results = open().transact(
        'write',
        all.flatMap(({ statements }) => statements),
      );
      for (const { statements, resolve } of all) resolve(results.splice(0, statements.length));
    } catch (error) {
      if (isBusy(error)) throw error;
      for (const one of all) one.resolve(alone(one));
    }
  }

  const alone = ({ mode, statements }: Pick<Waiting, 'mode' | 'statements'>) =>
    queue.run(() => open().transact(mode, statements));

  return {
    endTurn,

    batch(mode, statements) {
      // While writes wait for a lock, a batch joins their queue, to keep the order.
      if (queue.isHeldUp || !isGroupable(mode, statements)) {
        endTurn();
        return alone({ mode, statements });
      }
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(endTurn);
        waiting.push({ mode, statements, resolve, reject });
      });
    },
  };
}

/** True if a batch needs the write lock and has the same effect when committed with others. */
function isGroupable(mode: TransactionMode, statements: readonly Statement[]): boolean {
  if (mode !== 'write' && mode !== 'deferred') return false;
  const texts = statements.map((statement) => normalize(statement).sql);
  return texts.every((text) => GROUPABLE.test(text)) && texts.some((text) => WRITE.test(text));
}
