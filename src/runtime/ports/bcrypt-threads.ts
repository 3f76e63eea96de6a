import { clearTimeout, setTimeout } from 'node:timers';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../core/errors.ts';
import type { VerifyBcrypt } from '../../features/passwords/legacy-hash.ts';

const MODULE = new URL('./bcrypt-thread.js', import.meta.url);
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
 * Verifies bcrypt hashes in threads. bcryptjs runs JavaScript in slices of 100 ms: on the event loop, a hash of cost 14
 * would delay every request by more than a second. Each thread verifies one hash at a time, so the password gate bounds
 * the number of threads. Idle threads end.
 *
 * @returns a function that rejects with AppError `overloaded` if a hash takes longer than `limitMs`, and with the
 * thread's error if the thread fails
 */
export function createBcryptThreads({
  module = MODULE,
  limitMs = LIMIT_MS,
  idleMs = IDLE_MS,
}: ThreadOptions = {}): VerifyBcrypt {
  const idle = new Set<VerifyBcrypt>();

  function start(): VerifyBcrypt {
    const worker = new Worker(module);
    // The thread itself does not keep the process alive; the request that waits for it does.
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
      timer = setTimeout(() => end(new Error('a bcrypt thread was idle')), idleMs).unref();
      idle.add(verify);
      settle(isRight === true);
    });
    worker.once('error', end);
    worker.once('exit', () => end(new Error('a bcrypt thread exited')));

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
