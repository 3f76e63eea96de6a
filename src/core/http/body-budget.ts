import { AppError } from '../errors.ts';

/** How many bodies may come in at once, and for how long. */
export interface BodyLimits {
  /** Bodies that may be on their way at once, beside the limit of 32 MB. */
  readonly maxCount: number;
  /** How long a body may take to come in, in milliseconds: at 64 KB and 30 s, the pace of a very poor line. */
  readonly limitMs: number;
  /** How long it may pause while more than half of the budget is used, in milliseconds. */
  readonly idleMs: number;
}

export const BODY_LIMITS: BodyLimits = { maxCount: Infinity, limitMs: 30_000, idleMs: 5000 };

/** What all bodies on their way may hold, in bytes: a quarter of a Worker's memory. */
const BUDGET = 32 * 1024 * 1024;
const HALF = BUDGET / 2;
/** What one network may have of it, and what while more than half is used. */
const SHARE = BUDGET / 4;
const CROWDED_SHARE = BUDGET / 16;
/** Below this, no client holds bodies back. */
const QUIET = BUDGET / 8;

/** Counts bodies on their way, in bytes that they may come to. */
export interface BodyBudget {
  /**
   * Reserves a place. Returns its cost, which `leave` takes.
   *
   * @param network whose body it is; `''` for an unknown one, which has no share of its own
   * @param bytes how long the body may become
   * @throws AppError `overloaded`: the budget is used up, or the share of this network
   */
  enter(network: string, bytes: number): number;
  /** Frees a place. */
  leave(network: string, cost: number): void;
  /** True if hardly any of it is used. */
  isQuiet(): boolean;
  /** Since when more than half of it has been used, by `performance.now()`; `undefined` while it is not. */
  crowdedSince(): number | undefined;
}

/** @param maxCount how many bodies it lets in at once, each of which counts for that part of the budget at least */
export function createBodyBudget(maxCount: number): BodyBudget {
  const minCost = Math.floor(BUDGET / Math.max(1, maxCount));
  const costs = new Map<string, number>();
  let used = 0;
  let since: number | undefined;

  return {
    enter(network, bytes) {
      const cost = Math.max(minCost, bytes);
      const own = costs.get(network) ?? 0;
      const share = used > HALF ? CROWDED_SHARE : SHARE;
      const isGreedy = network !== '' && own > 0 && own + cost > share;
      if (isGreedy || used + cost > BUDGET) throw new AppError('overloaded');
      costs.set(network, own + cost);
      used += cost;
      if (used > HALF) since ??= performance.now();
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
