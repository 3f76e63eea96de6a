import type { ExecutionContext } from 'hono';

/** The execution context that all requests of a process share: tracks work that outlives their responses. */
export interface Background extends ExecutionContext {
  /** Resolves when no work is left, including work that starts meanwhile. */
  idle(): Promise<void>;
}

/** Tracks the promises of `laterOf`, which never reject. */
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
