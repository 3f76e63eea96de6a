import { AppError } from '../errors.ts';

/** Limits for request bodies that are being received. */
export interface BodyLimits {
  /** Maximum number of bodies in flight, in addition to the budget of 32 MB. */
  readonly maxCount: number;
  /** Timeout for receiving the whole body, in milliseconds. A very poor connection sends 64 KB in 30 s. */
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
  const costs = new Map<string, number>();
  let used = 0;
  let since: number | undefined;

  function tryEnter(network: string, bytes: number): number | undefined {
    const cost = Math.max(minCost, bytes);
    const own = costs.get(network) ?? 0;
    const share = used > HALF ? CROWDED_SHARE : SHARE;
    const isGreedy = network !== '' && own > 0 && own + cost > share;
    if (isGreedy || used + cost > BUDGET) return undefined;
    costs.set(network, own + cost);
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
      const left = (costs.get(network) ?? 0) - cost;
      if (left > 0) costs.set(network, left);
      else costs.delete(network);
      used -= cost;
      if (used <= HALF) since = undefined;
    },

    isQuiet: () => used <= QUIET,
    crowdedSince: () => since,
  };
}
