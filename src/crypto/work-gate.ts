import { AppError } from '../errors.ts';
import type { PasswordHasher } from './password-hash.ts';

/** How many may wait. A burst of logins fits; behind so many a further one would wait for seconds. */
export const MAX_QUEUE = 24;
/** How long one of them may wait, in milliseconds. */
export const MAX_WAIT_MS = 8000;

/** How much of the mean the newest work makes up. */
const NEWEST = 1 / 8;

/** Lets so much work run at once and no more. */
export interface WorkGate {
  /**
   * Runs the work when it is its turn. The place is taken until the work is done: whoever asked for it
   * may be long gone.
   *
   * @throws AppError `overloaded`, and the work is not begun: at once where too many wait, or would wait
   * for too long by what the last works took; late where it took longer after all
   */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Whether work would be refused now. Asking is free: what leads up to the work need not be done then. */
  isFull(): boolean;
}

interface WorkGateOptions {
  /** How many works run at once. */
  readonly permits: number;
  /** How many wait at most. */
  readonly maxQueue: number;
  /** How long one waits at most, in milliseconds. */
  readonly maxWaitMs: number;
}

/**
 * A gate that serves in the order of asking, and hands the place of a finished work on directly.
 *
 * @param now milliseconds that only grow
 */
export function createWorkGate(
  { permits, maxQueue, maxWaitMs }: WorkGateOptions,
  now: () => number = () => performance.now(),
): WorkGate {
  let free = permits;
  /** What a work has taken of late, in milliseconds. */
  let meanMs = 0;
  /** Each starts the work of one that waits. A set keeps the order and forgets from its middle. */
  const waiting = new Set<() => void>();

  function isFull(): boolean {
    const expectedMs = (meanMs * (waiting.size + 1)) / permits;
    return free === 0 && (waiting.size >= maxQueue || expectedMs > maxWaitMs);
  }

  function turn(): Promise<void> {
    if (isFull()) return Promise.reject(new AppError('overloaded'));
    return new Promise((resolve, reject) => {
      const start = () => {
        waiting.delete(start);
        clearTimeout(limit);
        resolve();
      };
      // There for somebody who waits for an answer, so it may well keep a process alive that long.
      const limit = setTimeout(() => {
        waiting.delete(start);
        reject(new AppError('overloaded'));
      }, maxWaitMs);
      waiting.add(start);
    });
  }

  function leave(): void {
    const [next] = waiting;
    if (next) next();
    else free++;
  }

  return {
    isFull,

    async run(work) {
      if (free > 0) free--;
      else await turn();
      const begun = now();
      try {
        return await work();
      } finally {
        meanMs += (now() - begun - meanMs) * NEWEST;
        leave();
      }
    },
  };
}

/** Where the platform sees to the load by itself. */
export const openGate: WorkGate = { run: (work) => work(), isFull: () => false };

/** The same hasher, each hash and each check behind the gate. */
export const behindGate = (passwords: PasswordHasher, gate: WorkGate): PasswordHasher => ({
  hash: (password) => gate.run(() => passwords.hash(password)),
  verify: (password, stored) => gate.run(() => passwords.verify(password, stored)),
});
