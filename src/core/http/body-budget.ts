import { AppError } from '../errors.ts';

/** Up to this size, `limitMs` is the timeout. Beyond it, a body has as long as 64 KB/s takes, up to a maximum. */
const SMALL_BYTES = 64 * 1024;
const MIN_BYTES_PER_MS = 64;
/** Shorter than the fallback of Node's server, and than a turn. */
const MAX_LIMIT_MS = 110_000;

/**
 * The timeout for receiving a whole body, in milliseconds.
 *
 * @param limitMs the timeout of a small body
 * @param maxBytes maximum size of the body
 */
export const bodyLimitMs = (limitMs: number, maxBytes: number): number =>
  Math.max(
    limitMs,
    Math.min(MAX_LIMIT_MS, limitMs + Math.max(0, maxBytes - SMALL_BYTES) / MIN_BYTES_PER_MS),
  );

/** Limits for request bodies that are being received. */
export interface BodyLimits {
  /** Maximum number of bodies in flight, in addition to the budget of 32 MB. */
  readonly maxCount: number;
  /** Timeout for receiving a body of up to 64 KB, in milliseconds. A very poor connection sends 64 KB in 30 s. */
  readonly limitMs: number;
  /** Idle timeout, in milliseconds. Applies while more than half of the budget is used. */
  readonly idleMs: number;
}

export const BODY_LIMITS: BodyLimits = { maxCount: Infinity, limitMs: 30_000, idleMs: 5000 };

/** Memory for all bodies in flight, in bytes: a quarter of a Worker's memory. */
const BUDGET = 32 * 1024 * 1024;
const HALF = BUDGET / 2;
/** The share of one network: normally, and while more than half of the budget is used. */
const SHARE = BUDGET / 4;
const CROWDED_SHARE = BUDGET / 16;
/** As many bodies one network may always have in flight while less than half of the budget is used: three large uploads. */
const MIN_COUNT = 3;
/** Up to this use, the server assumes that no client sends its body slowly on purpose. */
const QUIET = BUDGET / 8;

/** Reserves memory for bodies in flight, each at its maximum size. */
export interface BodyBudget {
  /**
   * Reserves memory for a body. Returns the cost, to be passed to `leave`.
   *
   * @param network the network of the caller; `''` if unknown, which is exempt from the share of a network
   * @param bytes maximum size of the body
   * @throws AppError `overloaded`: the budget, or the share of this network, is used up
   */
  enter(network: string, bytes: number): number;
  /** Like `enter`, but returns `undefined` instead of throwing. */
  tryEnter(network: string, bytes: number): number | undefined;
  /** Releases the memory of a body. */
  leave(network: string, cost: number): void;
  /** True if at most an eighth of the budget is used. */
  isQuiet(): boolean;
  /** When the use rose above half of the budget, by `performance.now()`; `undefined` while it is below. */
  crowdedSince(): number | undefined;
}

/** @param maxCount maximum number of bodies in flight; each reserves at least `1 / maxCount` of the budget */
export function createBodyBudget(maxCount: number): BodyBudget {
  const minCost = Math.floor(BUDGET / Math.max(1, maxCount));
  const networks = new Map<string, { readonly cost: number; readonly count: number }>();
  let used = 0;
  let since: number | undefined;

  function tryEnter(network: string, bytes: number): number | undefined {
    const cost = Math.max(minCost, bytes);
    const own = networks.get(network) ?? { cost: 0, count: 0 };
    const share = used > HALF ? CROWDED_SHARE : SHARE;
    const isOneOfFew = own.count < (used + cost >= HALF ? 1 : MIN_COUNT);
    const isGreedy = network !== '' && !isOneOfFew && own.cost + cost > share;
    if (isGreedy || used + cost > BUDGET) return undefined;
    networks.set(network, { cost: own.cost + cost, count: own.count + 1 });
    used += cost;
    if (used > HALF) since ??= performance.now();
    return cost;
  }

  return {
    tryEnter,

    enter(network, bytes) {
      const cost = tryEnter(network, bytes);
      if (cost === undefined) throw new AppError('overloaded');
      return cost;
    },

    leave(network, cost) {
      const own = networks.get(network);
      if (own && own.count > 1) {
        networks.set(network, { cost: own.cost - cost, count: own.count - 1 });
      } else networks.delete(network);
      used -= cost;
      if (used <= HALF) since = undefined;
    },

    isQuiet: () => used <= QUIET,
    crowdedSince: () => since,
  };
}
