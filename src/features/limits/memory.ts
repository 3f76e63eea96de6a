import { BoundedMap } from '../../core/bounded-map.ts';
import { type Network, networksOf } from '../../core/network.ts';
import { type Quota, toVerdict, type Verdict, widened } from '../../core/quota.ts';

/** A flood from more addresses than this is for what stands in front of us. Bounds the memory. */
const MAX_KEYS = 20_000;

/** Counts in this process alone, for what is too frequent to ask the database. */
export interface MemoryLimiter {
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
  // Set when its window begins: the one whose window began first is evicted first.
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
      // A clock that was set back must not make a window longer.
      const isOpen = known && now < known.resetsAt && known.resetsAt - now <= window;
      const counter = isOpen ? known : begin(key, now);
      counter.hits += 1;
      return toVerdict(name, quota, counter.hits, counter.resetsAt - now);
    },
  };
}

/**
 * Counts by address, and by the wider networks around one of IPv6. A network counts only while the narrower
 * ones are open: a caller that is refused must not use up what its neighbours share with it.
 *
 * @returns a limiter that takes addresses. Its verdict is that of the narrowest network, or of the one
 * that is over
 */
export function createNetworkLimiter(
  name: string,
  quota: Quota,
  clock: () => number,
): MemoryLimiter {
  const limiterOf = (share: Network['share']) =>
    createMemoryLimiter(name, widened(quota, share), clock);
  // One for each size: a flood of /64s must not evict the counter of the /48 that they are in.
  const limiters = { 1: limiterOf(1), 4: limiterOf(4), 16: limiterOf(16) };

  return {
    take(address) {
      // Most callers, on the way of every read: no list is made for them.
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
