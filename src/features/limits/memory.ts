import { BoundedMap } from '../../core/bounded-map.ts';
import { type Network, networksOf } from '../../core/network.ts';
import { type Quota, toVerdict, type Verdict, widened } from '../../core/quota.ts';

/** Bounds the memory. The upstream proxy must stop a flood from more addresses. */
const MAX_KEYS = 20_000;

/** Counts in this process only, for requests that are too frequent to be counted in the database. */
export interface MemoryLimiter {
  /** Counts one hit for a key. */
  take(key: string): Verdict;
}

interface Counter {
  hits: number;
  readonly resetsAt: number;
}

/** @param clock milliseconds since 1970 */
export function createMemoryLimiter(
  name: string,
  quota: Quota,
  clock: () => number,
  maxKeys: number = MAX_KEYS,
): MemoryLimiter {
  const window = quota.seconds * 1000;
  // A counter is set when its window begins, so the map evicts the counter with the oldest window.
  const counters = new BoundedMap<string, Counter>(maxKeys);

  function begin(key: string, now: number): Counter {
    const counter = { hits: 0, resetsAt: now + window };
    counters.set(key, counter);
    return counter;
  }

  return {
    take(key) {
      const now = clock();
      const known = counters.get(key);
      // If the clock is set back, the window must not become longer.
      const isCurrent = known && now < known.resetsAt && known.resetsAt - now <= window;
      const counter = isCurrent ? known : begin(key, now);
      counter.hits += 1;
      return toVerdict(name, quota, counter.hits, counter.resetsAt - now);
    },
  };
}

/**
 * Counts by address, and by the wider networks that contain an IPv6 address. A wider network counts only the hits that
 * the narrower ones allow: a rejected caller must not use up the quota that it shares with its neighbors.
 *
 * @returns a limiter whose keys are addresses. Returns the verdict of the narrowest network, or of the first network
 * whose quota is exceeded
 */
export function createNetworkLimiter(
  name: string,
  quota: Quota,
  clock: () => number,
): MemoryLimiter {
  const limiterOf = (share: Network['share']) =>
    createMemoryLimiter(name, widened(quota, share), clock);
  // One limiter per network size: a flood from many /64s must not evict the counter of their /48.
  const limiters = { 1: limiterOf(1), 4: limiterOf(4), 16: limiterOf(16) };

  return {
    take(address) {
      // IPv4 is the common case on the read path, and needs no list.
      if (!address.includes(':')) return limiters[1].take(address);
      const [own, ...wider] = networksOf(address);
      const verdict = limiters[1].take(own.key);
      if (verdict.isOver) return verdict;
      for (const { key, share } of wider) {
        const wide = limiters[share].take(key);
        if (wide.isOver) return wide;
      }
      return verdict;
    },
  };
}
