import type { ResultSet, TransactionMode } from '@libsql/client';
import type { Connection, Statement } from './connection.ts';
import { isBusy } from './errors.ts';
import type { WriteQueue } from './write-queue.ts';

/** Runs statements in order, all or none. */
type Commit = (mode: TransactionMode, statements: readonly Statement[]) => Promise<ResultSet[]>;

/** A batch that waits for the end of the turn. */
interface Waiting {
  readonly mode: TransactionMode;
  readonly statements: readonly Statement[];
  readonly resolve: (results: ResultSet[] | Promise<ResultSet[]>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits the batches of one turn of the event loop together, at its end, each in a savepoint of its own:
 * one that fails is undone and leaves the others. A commit takes the lock and writes the log, which is more
 * than the statements of a batch cost. Nobody hears of a success before the commit.
 *
 * @param open gives the connection, or throws where it is closed
 */
export function createGroupCommit(queue: WriteQueue, open: () => Connection): Commit {
  let waiting: Waiting[] = [];

  async function endTurn(): Promise<void> {
    const all = waiting;
    waiting = [];
    if (all.length > 1 && (await settleTogether(all))) return;
    for (const one of all) one.resolve(alone(one));
  }

  /** Not where a fault, such as a full disk, has undone all of them: each is then tried by itself. */
  async function settleTogether(all: readonly Waiting[]): Promise<boolean> {
    try {
      const batches = all.map(({ statements }) => statements);
      const outcomes = await queue.run(() => open().transactEach(batches));
      for (const [i, { resolve, reject }] of all.entries()) {
        const outcome = outcomes[i];
        if (outcome?.results) resolve(outcome.results);
        else reject(outcome?.error);
      }
    } catch (error) {
      if (!isBusy(error)) return false;
      for (const { reject } of all) reject(error);
    }
    return true;
  }

  const alone = ({ mode, statements }: Pick<Waiting, 'mode' | 'statements'>) =>
    queue.run(() => open().transact(mode, statements));

  return (mode, statements) => {
    // Those that wait for a lock keep their order.
    if (queue.isHeldUp) return alone({ mode, statements });
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(endTurn);
      waiting.push({ mode, statements, resolve, reject });
    });
  };
}
