import { settlesWithin } from './deadline.ts';
import type { Locks } from './platform.ts';

/** Runs tasks one at a time. */
export type Exclusive = <Result>(task: () => Promise<Result>) => Promise<Result>;

/**
 * How long a task waits for earlier ones before it runs anyway. A frozen browser tab may hold a lock for hours, and a
 * task of a cancelled Worker request never ends. This wait plus the first attempt of a refresh must stay well below the
 * grace period, 10 seconds, in which the server still accepts a rotated refresh token.
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
 * frozen tab, an implementation that never answers), the task runs without it: the server accepts two refreshes with
 * one token within its grace period.
 */
export function createWebLocks(locks: Locks, name: string): Exclusive {
  return <Result>(task: () => Promise<Result>) =>
    new Promise<Result>((resolve, reject) => {
      const waiting = new AbortController();
      let running: Promise<Result> | undefined;
      // The browser may still grant the lock after the timeout. The task runs only once.
      const run = (): Promise<Result> => {
        clearTimeout(timer);
        running ??= task();
        running.then(resolve, reject);
        return running;
      };
      const timer = setTimeout(() => {
        waiting.abort();
        run();
      }, MAX_WAIT_MS);
      locks.request(name, { signal: waiting.signal }, run).catch(() => void run());
    });
}
