import type { ExecutionContext } from 'hono';
import { nameOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';

/** The execution context that all requests of a process share. Tracks work that outlives their responses. */
export interface Background extends ExecutionContext {
  /**
   * Tracks work until it settles. A failure is logged as `background_work_failed`, with only the name of the error: its
   * message could contain personal data.
   *
   * @throws RangeError if 1,000 other promises have not settled. Work that has already started continues, but `idle`
   * does not await it
   */
  waitUntil(work: Promise<unknown>): void;
  /** Resolves when no work is left, including work that starts while it waits. Never rejects. */
  idle(): Promise<void>;
}

/** Bounds the memory that work holds while a provider, for example of mail, does not respond. */
const MAX_RUNNING = 1000;

export function createBackground(log: Logger): Background {
  const running = new Set<Promise<unknown>>();
  const report = (error: unknown) => {
    log.error('background_work_failed', { error: nameOf(error) });
  };
  return {
    waitUntil(work) {
      const settled: Promise<unknown> = work.catch(report).then(() => running.delete(settled));
      if (running.size >= MAX_RUNNING) throw new RangeError('too much background work');
      running.add(settled);
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
    passThroughOnException() {},
    props: {},
  };
}
