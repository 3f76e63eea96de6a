import type { Locks } from './platform.ts';

/** Runs one task of a kind at a time. */
export type Exclusive = <Result>(kind: string, task: () => Promise<Result>) => Promise<Result>;

/** A tab that the browser has frozen may hold a lock for hours. */
const PATIENCE_MS = 10_000;

/** One at a time in this client. */
export function createQueue(): Exclusive {
  const tails: Record<string, Promise<unknown>> = {};
  return (kind, task) => {
    const run = (tails[kind] ?? Promise.resolve()).then(task);
    tails[kind] = run.catch(() => {});
    return run;
  };
}

/**
 * One at a time in all tabs of the origin, by Web Locks. Where a lock cannot be had (an opaque origin, a
 * frozen tab) the task runs without: the server forgives two refreshes at once.
 */
export function createWebLocks(locks: Locks, name: string): Exclusive {
  return async (kind, task) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    let isGranted = false;
    try {
      return await locks.request(`latchkey-${kind}-${name}`, { signal: patience.signal }, () => {
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
