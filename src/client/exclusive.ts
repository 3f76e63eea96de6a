import { settlesWithin } from './deadline.ts';
import type { Locks } from './platform.ts';

/** Runs tasks one at a time. */
export type Exclusive = <Result>(task: () => Promise<Result>) => Promise<Result>;

/**
 * How long a task waits for others. A tab that the browser has frozen may hold a lock for hours, and a
 * task of a Worker's request that was cancelled never ends. With the first try of a refresh it has to be
 * well under the time for which the server takes the parent of a token (10 seconds).
 */
const PATIENCE_MS = 4000;

/** One at a time in this client. */
export function createQueue(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const run = settlesWithin(PATIENCE_MS, last).then(task);
    last = run;
    return run;
  };
}

/**
 * One at a time in all tabs of the origin, by Web Locks. Where a lock cannot be had (an opaque origin, a
 * frozen tab) the task runs without: the server forgives two refreshes within seconds.
 */
export function createWebLocks(locks: Locks, name: string): Exclusive {
  return async (task) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    let isGranted = false;
    try {
      return await locks.request(name, { signal: patience.signal }, () => {
        isGranted = true;
        clearTimeout(timer);
        return task();
      });
    } catch (error) {
      if (isGranted) throw error;
      return await task();
    } finally {
      clearTimeout(timer);
    }
  };
}
