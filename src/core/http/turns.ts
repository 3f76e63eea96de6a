import { AppError } from '../errors.ts';

/**
 * After how long another call takes over, in milliseconds. A Worker may end a request without running the rest of it.
 * Longer than the timeout of the largest body and the work that follows.
 */
const MAX_TURN_MS = 150_000;

/** Lets one call of a key run at a time, in this process. */
export interface Turns {
  /**
   * Runs a task while no other task of the key runs.
   *
   * @throws AppError `too_many_requests`, without running it
   */
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
}

/** @param now monotonic time in milliseconds */
export function createTurns(now = (): number => performance.now()): Turns {
  const begun = new Map<string, number>();
  return {
    async run(key, task) {
      const start = now();
      const other = begun.get(key);
      if (other !== undefined && start - other < MAX_TURN_MS) {
        throw new AppError('too_many_requests', {
          detail: 'Another request of this kind is in progress. Retry once it has ended.',
          headers: { 'Retry-After': '1' },
        });
      }
      begun.set(key, start);
      try {
        return await task();
      } finally {
        if (begun.get(key) === start) begun.delete(key);
      }
    },
  };
}
