import { clearTimeout, setTimeout } from 'node:timers';
import { Worker } from 'node:worker_threads';
import { AppError, nameOf } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import {
  type ComputeHash,
  MAX_MEMORY,
  type SlowHashes,
} from '../../features/passwords/schemes/slow-hash.ts';

const MODULE = new URL('./hash-thread.js', import.meta.url);
/** Several times the time that the most expensive hash takes on a slow machine. */
const LIMIT_MS = 20_000;
/**
 * How long an idle thread stays alive. Starting a thread takes 40 to 75 ms, and on Deno blocks the event loop for that
 * time.
 */
const IDLE_MS = 10_000;

interface ThreadOptions {
  /** The module that each thread runs. */
  readonly module?: URL;
  /** Timeout of one hash, in milliseconds. */
  readonly limitMs?: number;
  /** How long an idle thread stays alive, in milliseconds. */
  readonly idleMs?: number;
}

/**
 * Computes slow hashes in threads: on the event loop, one of them would delay every request by seconds. Each thread
 * computes one hash at a time, so the password gate bounds the number of threads and their memory. Idle threads end.
 *
 * @returns functions that reject with AppError `overloaded` if a hash takes longer than `limitMs`, or its thread fails,
 * which is logged
 */
export function createHashThreads(
  log: Pick<Logger, 'error'>,
  { module = MODULE, limitMs = LIMIT_MS, idleMs = IDLE_MS }: ThreadOptions = {},
): SlowHashes {
  const idle = new Set<ComputeHash>();

  function start(): ComputeHash {
    const worker = new Worker(module);
    // The thread itself does not keep the process alive; the request that waits for it does.
    worker.unref();
    let fail: ((error: Error) => void) | undefined;
    let settle: (hash: Uint8Array) => void = () => {};
    let timer = setTimeout(() => {}, 0);

    function end(reason: Error): void {
      clearTimeout(timer);
      idle.delete(compute);
      if (fail) {
        log.error('hash_thread_failed', { error: `${nameOf(reason)}: ${reason.message}` });
        fail(new AppError('overloaded', { cause: reason }));
        fail = undefined;
      }
      void worker.terminate();
    }

    worker.on('message', (hash: unknown) => {
      if (!(hash instanceof Uint8Array)) return end(new Error('a thread returned no hash'));
      clearTimeout(timer);
      timer = setTimeout(() => end(new Error('a thread was idle')), idleMs).unref();
      idle.add(compute);
      fail = undefined;
      settle(hash);
    });
    worker.once('error', end);
    worker.once('exit', () => end(new Error('a thread exited')));

    const compute: ComputeHash = (hash) =>
      new Promise((resolve, reject) => {
        clearTimeout(timer);
        timer = setTimeout(() => end(new Error(`no hash in ${limitMs} ms`)), limitMs);
        [settle, fail] = [resolve, reject];
        worker.postMessage(hash);
      });
    return compute;
  }

  return {
    maxMemory: MAX_MEMORY,
    compute(hash) {
      const [thread = start()] = idle;
      idle.delete(thread);
      return thread(hash);
    },
  };
}
