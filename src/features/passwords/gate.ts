import { AppError } from '../../core/errors.ts';
import { createFairQueue, type Ticket } from '../../core/fair-queue.ts';
import { siteOf } from '../../core/network.ts';
import type { PasswordHasher, PasswordMatch } from './password-hash.ts';

/**
 * The capacity of the queue. One network gets a quarter of it, enough for a burst of logins. If the queue were longer,
 * a request at its end would wait for seconds.
 */
export const MAX_QUEUE = 96;
/** The longest wait in the queue, in milliseconds. */
export const MAX_WAIT_MS = 8000;

/**
 * Maximum number of requests per network that are in flight, before the gate and in it. More than the network's share
 * of the queue, because some requests fail for other reasons before they reach the queue. Each costs the database a few
 * statements.
 */
const MAX_ADMITTED = 64;

/** The weight of the newest sample in the moving average. */
const NEWEST_WEIGHT = 1 / 8;

/** Limits concurrent work. Rejects work that would wait too long. */
export interface WorkGate {
  /**
   * Runs the work when its turn comes. Holds the permit until the work is done, even if the client has disconnected.
   *
   * @param address the caller's IP address; callers without an address count as one network
   * @throws AppError `overloaded`, without starting the work. Throws at once if the queue has no place or the estimated
   * wait is too long. Throws later if the wait times out, or if a caller from a network with less work takes the place
   */
  run<Result>(address: string | null, work: () => Promise<Result>): Promise<Result>;
  /**
   * Runs a task that contains gated work, such as a whole request.
   *
   * @throws AppError `overloaded`, without starting the task, if the network has too many tasks in flight
   */
  admit<Result>(address: string | null, task: () => Promise<Result>): Promise<Result>;
  /** True if {@link admit} or {@link run} would reject now. A caller can then skip the steps before them. */
  isFull(address: string | null): boolean;
  /** Returns the number of tasks that wait for their turn. Absent if none ever waits. */
  readonly waiting?: () => number;
}

interface WorkGateOptions {
  /** Maximum number of tasks that run concurrently. */
  readonly permits: number;
  /** The capacity of the queue. */
  readonly maxQueue: number;
  /** The longest wait in the queue, in milliseconds. */
  readonly maxWaitMs: number;
  /** Called when work starts and when its wait times out, with the time that it has waited, in milliseconds. */
  readonly onWaited?: (waitedMs: number) => void;
}

/**
 * Creates a semaphore whose waiters are served in the order of a {@link FairQueue}.
 *
 * @param now a monotonic clock, in milliseconds
 */
export function createWorkGate(
  { permits, maxQueue, maxWaitMs, onWaited }: WorkGateOptions,
  now: () => number = () => performance.now(),
): WorkGate {
  const queue = createFairQueue(maxQueue);
  const admitted = new Map<string, number>();
  let free = permits;
  /** Moving average of the duration of the work, in milliseconds. */
  let meanMs = 0;

  function isFull(address: string | null): boolean {
    if ((admitted.get(siteOf(address ?? '')) ?? 0) >= MAX_ADMITTED) return true;
    return free === 0 && !canWait(address);
  }

  function canWait(address: string | null): boolean {
    const ahead = queue.aheadOf(address);
    return ahead !== undefined && (meanMs * (ahead + 1)) / permits <= maxWaitMs;
  }

  function waitForTurn(address: string | null): Promise<Ticket> {
    if (!canWait(address)) return Promise.reject(new AppError('overloaded'));
    return new Promise((resolve, reject) => {
      const refuse = () => {
        clearTimeout(timeout);
        reject(new AppError('overloaded'));
      };
      // The timer keeps the process alive, because a caller waits for the result.
      const timeout = setTimeout(() => {
        queue.leave(ticket);
        onWaited?.(maxWaitMs);
        refuse();
      }, maxWaitMs);
      const start = () => {
        clearTimeout(timeout);
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
    waiting: queue.size,

    async admit(address, task) {
      const site = siteOf(address ?? '');
      const inFlight = admitted.get(site) ?? 0;
      if (inFlight >= MAX_ADMITTED) throw new AppError('overloaded');
      admitted.set(site, inFlight + 1);
      try {
        return await task();
      } finally {
        const left = (admitted.get(site) ?? 1) - 1;
        if (left > 0) admitted.set(site, left);
        else admitted.delete(site);
      }
    },

    async run(address, work) {
      const calledAt = now();
      const ticket = free > 0 ? begin(address) : await waitForTurn(address);
      const startedAt = now();
      onWaited?.(startedAt - calledAt);
      try {
        return await work();
      } finally {
        meanMs += (now() - startedAt - meanMs) * NEWEST_WEIGHT;
        queue.end(ticket);
        if (!queue.startNext()) free++;
      }
    },
  };
}

/** Admits everything. For platforms that limit the load themselves. */
export const openGate: WorkGate = {
  run: (_, work) => work(),
  admit: (_, task) => task(),
  isFull: () => false,
};

/** A password hasher behind a {@link WorkGate}. The gate counts the work for the network of the caller. */
export interface GatedPasswordHasher {
  /** @throws AppError `overloaded` */
  hash(password: string, address: string | null): Promise<string>;
  /** @throws AppError `overloaded` */
  verify(password: string, stored: string | null, address: string | null): Promise<PasswordMatch>;
}

/** Puts each hash and each verification behind the gate. */
export const behindGate = (passwords: PasswordHasher, gate: WorkGate): GatedPasswordHasher => ({
  hash: (password, address) => gate.run(address, () => passwords.hash(password)),
  verify: (password, stored, address) =>
    gate.run(address, () => passwords.verify(password, stored)),
});
