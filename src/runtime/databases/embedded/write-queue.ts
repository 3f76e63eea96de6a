import { isBusy, tooManyWaiting } from './errors.ts';

/** Lets writes wait for the lock of the database in their order, without holding up the process. */
export interface WriteQueue {
  /**
   * Runs `attempt` behind those that wait, and again until no other process holds the lock.
   *
   * @param attempt is synchronous, and has changed nothing where it fails with SQLITE_BUSY
   * @param options.overtakes it goes ahead of those that wait: it needs no lock, as reads do in WAL mode
   * @throws LibsqlError SQLITE_BUSY when the time is up, or where too many wait
   */
  run<T>(attempt: () => T, options?: { readonly overtakes?: boolean }): Promise<T>;
  /** True if an attempt waits. */
  readonly isHeldUp: boolean;
}

interface WriteQueueOptions {
  /** How long one waits in all, in milliseconds. */
  readonly limit: number;
  /** How many may wait. */
  readonly maxWaiting: number;
}

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 25;

export function createWriteQueue({ limit, maxWaiting }: WriteQueueOptions): WriteQueue {
  let waiting = 0;
  let last = Promise.resolve();

  async function insist<T>(attempt: () => T, deadline: number): Promise<T> {
    for (let next = FIRST_PAUSE_MS; ; next = Math.min(next * 2, LONGEST_PAUSE_MS)) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error) || performance.now() + next > deadline) throw error;
      }
      // Only the first of the queue comes here, so there is one timer at most.
      await new Promise((resolve) => setTimeout(resolve, next));
    }
  }

  return {
    get isHeldUp() {
      return waiting > 0;
    },

    async run(attempt, { overtakes = false } = {}) {
      if (waiting === 0 || overtakes) {
        try {
          return attempt();
        } catch (error) {
          if (!isBusy(error)) throw error;
        }
      }
      if (waiting >= maxWaiting) throw tooManyWaiting();
      const deadline = performance.now() + limit;
      const previous = last;
      let leave = () => {};
      last = new Promise((resolve) => {
        leave = resolve;
      });
      waiting += 1;
      try {
        await previous;
        return await insist(attempt, deadline);
      } finally {
        waiting -= 1;
        leave();
      }
    },
  };
}
