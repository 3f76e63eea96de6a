import { settlesWithin } from './deadline.ts';
import type { Locks } from './platform.ts';

/** Runs tasks one at a time. */
export type Exclusive = <Result>(task: () => Promise<Result>) => Promise<Result>;

/**
 * How long a task waits for earlier ones before it runs anyway. A frozen browser tab may hold a lock for hours, and a
 * task of a cancelled Worker request never ends. Together with the first attempt of a refresh it must stay well under
 * the grace period in which the server still accepts a rotated refresh token (10 seconds).
 */
const MAX_WAIT_MS = 4000;

/** Runs one task at a time in this client. */
export function createQueue(): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const run = settlesWithin(MAX_WAIT_MS, last).then(task);
    last = run;
    return run;
  };
}

/**
 * Runs one task at a time across all tabs of the origin, with Web Locks. If the lock is unavailable (opaque origin,
 * frozen tab), the task runs without it: the server accepts two refreshes with one token within its grace period.
 */
export function createWebLocks(locks: Locks, name: string): Exclusive {
  return async (task) => {
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), MAX_WAIT_MS);
    let isGranted = false;
    try {
      return await locks.request(name, { signal: waiting.signal }, () => {
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
