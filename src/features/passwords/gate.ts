import { AppError } from '../../core/errors.ts';
import { createFairQueue, type Ticket } from '../../core/fair-queue.ts';
import { siteOf } from '../../core/network.ts';
import type { PasswordHasher, PasswordMatch } from './password-hash.ts';

/**
 * How many may wait. A quarter of them, for one network, takes a burst of logins; behind the whole of them one
 * more would wait for seconds.
 */
export const MAX_QUEUE = 96;
/** How long one of them may wait, in milliseconds. */
export const MAX_WAIT_MS = 8000;

/**
 * How many requests of one network may be on their way to the gate or in it. More than fit in, since some are
 * refused for other reasons on the way; each costs the database a few statements.
 */
const MAX_ADMITTED = 64;

/** The weight of the newest sample in the mean. */
const NEWEST = 1 / 8;

/** Lets so much work run at once and no more. */
export interface WorkGate {
  /**
   * Runs the work when it is its turn. The permit is held until the work is done: the caller
   * may be long gone.
   *
   * @param address where the caller is; all without one count as one network
   * @throws AppError `overloaded`, and the work is not begun: at once where too many wait, or would wait
   * for too long by what the last works took; late where it took longer after all, or where callers from
   * networks with less work have taken the place
   */
  run<Result>(address: string | null, work: () => Promise<Result>): Promise<Result>;
  /**
   * Runs a task that will ask for work, a request as a whole.
   *
   * @throws AppError `overloaded`, and the task is not begun, where its network has too many under way
   */
  admit<Result>(address: string | null, task: () => Promise<Result>): Promise<Result>;
  /** True if a task would be rejected now. Checked first, to skip the steps before it. */
  isFull(address: string | null): boolean;
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
 * A semaphore whose waiters are served in the order of a {@link createFairQueue}.
 *
 * @param now milliseconds that only grow
 */
export function createWorkGate(
  { permits, maxQueue, maxWaitMs }: WorkGateOptions,
  now: () => number = () => performance.now(),
): WorkGate {
  const queue = createFairQueue(maxQueue);
  const admitted = new Map<string, number>();
  let free = permits;
  /** Moving average of a task's duration, in milliseconds. */
  let meanMs = 0;

  function isFull(address: string | null): boolean {
    if ((admitted.get(siteOf(address ?? '')) ?? 0) >= MAX_ADMITTED) return true;
    return free === 0 && !hasTurn(address);
  }

  function hasTurn(address: string | null): boolean {
    const ahead = queue.aheadOf(address);
    return ahead !== undefined && (meanMs * (ahead + 1)) / permits <= maxWaitMs;
  }

  function turn(address: string | null): Promise<Ticket> {
    if (!hasTurn(address)) return Promise.reject(new AppError('overloaded'));
    return new Promise((resolve, reject) => {
      const refuse = () => {
        clearTimeout(limit);
        reject(new AppError('overloaded'));
      };
      // A caller waits for the result, so the timer may keep the process alive.
      const limit = setTimeout(() => {
        queue.leave(ticket);
        refuse();
      }, maxWaitMs);
      const start = () => {
        clearTimeout(limit);
        resolve(ticket);
      };
      const ticket = queue.join(address, { start, refuse });
    });
  }

  function begin(address: string | null): Ticket {
    free--;
    return queue.begin(address);
  }

  return {
    isFull,

    async admit(address, task) {
      const site = siteOf(address ?? '');
      const others = admitted.get(site) ?? 0;
      if (others >= MAX_ADMITTED) throw new AppError('overloaded');
      admitted.set(site, others + 1);
      try {
        return await task();
      } finally {
        const left = (admitted.get(site) ?? 1) - 1;
        if (left > 0) admitted.set(site, left);
        else admitted.delete(site);
      }
    },

    async run(address, work) {
      const ticket = free > 0 ? begin(address) : await turn(address);
      const begun = now();
      try {
        return await work();
      } finally {
        meanMs += (now() - begun - meanMs) * NEWEST;
        queue.end(ticket);
        if (!queue.startNext()) free++;
      }
    },
  };
}

/** Where the platform sees to the load by itself. */
export const openGate: WorkGate = {
  run: (_, work) => work(),
  admit: (_, task) => task(),
  isFull: () => false,
};

/** A password hasher that counts its work under the address of the caller. */
export interface GatedPasswordHasher {
  /** @throws AppError `overloaded` */
  hash(password: string, address: string | null): Promise<string>;
  /** @throws AppError `overloaded` */
  verify(password: string, stored: string | null, address: string | null): Promise<PasswordMatch>;
}

/** The same hasher, each hash and each check behind the gate. */
export const behindGate = (passwords: PasswordHasher, gate: WorkGate): GatedPasswordHasher => ({
  hash: (password, address) => gate.run(address, () => passwords.hash(password)),
  verify: (password, stored, address) =>
    gate.run(address, () => passwords.verify(password, stored)),
});
