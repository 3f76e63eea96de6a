import { clearTimeout, setTimeout } from 'node:timers';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../core/errors.ts';
import type { VerifyBcrypt } from '../../features/passwords/legacy-hash.ts';

const MODULE = new URL('./bcrypt-thread.js', import.meta.url);
/** Several times what the dearest hash takes on a slow machine. */
const LIMIT_MS = 20_000;
/** How long a thread waits for more work. Starting one takes 40 to 75 ms, on Deno of the event loop. */
const IDLE_MS = 10_000;

interface ThreadOptions {
  /** What each thread runs. */
  readonly module?: URL;
  /** How long one hash may take, in milliseconds. */
  readonly limitMs?: number;
  /** How long a thread without work stays, in milliseconds. */
  readonly idleMs?: number;
}

/**
 * Verifies bcrypt hashes off the event loop. bcryptjs is JavaScript in slices of 100 ms: with a hash of cost
 * 14, every request waits behind them for more than a second. Each thread has one hash at a time, and the
 * password gate lets only a few in at once, so there are as few threads; none while there is nothing to do.
 *
 * @returns a function that rejects with AppError `overloaded` where a hash takes longer than `limitMs`, and
 * with the thread's error where the thread fails
 */
export function createBcryptThreads({
  module = MODULE,
  limitMs = LIMIT_MS,
  idleMs = IDLE_MS,
}: ThreadOptions = {}): VerifyBcrypt {
  const idle = new Set<VerifyBcrypt>();

  function start(): VerifyBcrypt {
    const worker = new Worker(module);
    // A request that waits for it keeps the process alive.
    worker.unref();
    let settle: (outcome: boolean | Error) => void = () => {};
    let timer = setTimeout(() => {}, 0);

    function end(error: Error): void {
      clearTimeout(timer);
      idle.delete(verify);
      settle(error);
      void worker.terminate();
    }

    worker.on('message', (isRight: unknown) => {
      clearTimeout(timer);
      timer = setTimeout(() => end(new Error('a bcrypt thread had no work')), idleMs).unref();
      idle.add(verify);
      settle(isRight === true);
    });
    worker.once('error', end);
    worker.once('exit', () => end(new Error('a bcrypt thread has ended')));

    const verify: VerifyBcrypt = (password, hash) =>
      new Promise((resolve, reject) => {
        clearTimeout(timer);
        timer = setTimeout(() => end(new AppError('overloaded')), limitMs);
        settle = (outcome) => (typeof outcome === 'boolean' ? resolve(outcome) : reject(outcome));
        worker.postMessage({ password, hash });
      });
    return verify;
  }

  return (password, hash) => {
    const [thread = start()] = idle;
    idle.delete(thread);
    return thread(password, hash);
  };
}
