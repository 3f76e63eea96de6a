import { setTimeout } from 'node:timers';
import type { Logger } from '../../core/log.ts';

/** How often the lag is looked at, in milliseconds. */
const INTERVAL_MS = 100;
/** In milliseconds. 400 clients that read as fast as they can make 250, and are no overload. */
export const MAX_LAG_MS = 400;
/** Consecutive samples needed to change state: the garbage collector or a large query causes a single one. */
const LOOKS = 3;

/** Takes one measurement of the lag, in milliseconds. Returns whether the process counts as drowning. */
export type LagMeter = (lagMs: number) => boolean;

/**
 * Says whether the event loop lags behind for good: above {@link MAX_LAG_MS} at some looks in a row, until
 * it is below half of that at as many. Each change is logged.
 */
export function createLagMeter(log: Logger): LagMeter {
  let isLagging = false;
  /** How many looks in a row have said that this should change. */
  let against = 0;
  return (lagMs) => {
    const isOther = isLagging ? lagMs < MAX_LAG_MS / 2 : lagMs > MAX_LAG_MS;
    against = isOther ? against + 1 : 0;
    if (against === LOOKS) {
      isLagging = !isLagging;
      against = 0;
      log.warn(isLagging ? 'overloaded' : 'overload_over', { lag_ms: Math.round(lagMs) });
    }
    return isLagging;
  };
}

/** Watches the event loop of this process for as long as it lives. Keeps it alive no longer. */
export function watchLag(log: Logger): () => boolean {
  const measure = createLagMeter(log);
  let isLagging = false;
  const look = () => {
    const due = performance.now() + INTERVAL_MS;
    setTimeout(() => {
      isLagging = measure(performance.now() - due);
      look();
    }, INTERVAL_MS).unref();
  };
  look();
  return () => isLagging;
}
