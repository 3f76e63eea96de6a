import type { ExecutionContext } from 'hono';

/** The work of a process that outlives the answers to its requests. All requests have this execution context. */
export interface Background extends ExecutionContext {
  /** Resolves when no work is left, including work that other work has begun meanwhile. */
  idle(): Promise<void>;
}

/** Tracks what `laterOf` hands over: promises that never reject. */
export function createBackground(): Background {
  const running = new Set<Promise<unknown>>();
  return {
    waitUntil(work) {
      running.add(work);
      void work.finally(() => running.delete(work));
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
    passThroughOnException() {},
    props: {},
  };
}
