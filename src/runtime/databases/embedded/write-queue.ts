import { isBusy, tooManyWaiting } from './errors.ts';

/** Queues writes that wait for the database lock, without blocking the process. */
export interface WriteQueue {
  /**
   * Runs `attempt` after the queued attempts, and retries it while another process holds the lock.
   *
   * @param attempt synchronous; must have changed nothing if it throws SQLITE_BUSY
   * @param options.overtakes skips the queue, for an attempt that needs no lock, such as a read in WAL mode
   * @throws LibsqlError SQLITE_BUSY after the timeout, or if the queue is full
   */
  run<T>(attempt: () => T, options?: { readonly overtakes?: boolean }): Promise<T>;
  /** True while attempts wait in the queue. */
  readonly isHeldUp: boolean;
}

interface WriteQueueOptions {
  /** How long an attempt waits in total, in milliseconds. */
  readonly limit: number;
  /** Maximum length of the queue. */
  readonly maxWaiting: number;
}

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 25;

export function createWriteQueue({ limit, maxWaiting }: WriteQueueOptions): WriteQueue {
  let waiting = 0;
  let last = Promise.resolve();

  async function retryWhileBusy<T>(attempt: () => T, deadline: number): Promise<T> {
    for (let next = FIRST_PAUSE_MS; ; next = Math.min(next * 2, LONGEST_PAUSE_MS)) {
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error) || performance.now() + next > deadline) throw error;
      }
      // Only the first attempt in the queue gets here, so there is at most one timer.
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
        return await retryWhileBusy(attempt, deadline);
      } finally {
        waiting -= 1;
        leave();
      }
    },
  };
}
