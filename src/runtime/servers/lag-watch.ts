import { setTimeout } from 'node:timers';
import type { Logger } from '../../core/log.ts';

/** Time between two samples, in milliseconds. */
const INTERVAL_MS = 100;
/** In milliseconds. 400 clients that read at full speed cause a lag of 250 ms, which is not an overload. */
export const MAX_LAG_MS = 400;
/** Consecutive samples needed to change the state. The garbage collector or a large query causes only one. */
const SAMPLES_TO_CHANGE = 3;

/** Records one sample of the lag, in milliseconds. Returns whether the event loop lags persistently. */
export type LagMeter = (lagMs: number) => boolean;

/**
 * Detects a persistent lag of the event loop. The lag begins with consecutive samples above {@link MAX_LAG_MS}, and
 * ends with the same number of samples below half of it. Logs each change.
 */
export function createLagMeter(log: Logger): LagMeter {
  let isLagging = false;
  /** Consecutive samples that contradict the current state. */
  let contradicting = 0;
  return (lagMs) => {
    const isOther = isLagging ? lagMs < MAX_LAG_MS / 2 : lagMs > MAX_LAG_MS;
    contradicting = isOther ? contradicting + 1 : 0;
    if (contradicting === SAMPLES_TO_CHANGE) {
      isLagging = !isLagging;
      contradicting = 0;
      log.warn(isLagging ? 'overloaded' : 'overload_ended', { lag_ms: Math.round(lagMs) });
    }
    return isLagging;
  };
}

/**
 * Samples the lag of the event loop for the lifetime of the process, without keeping the process alive.
 *
 * @param onSample called with each sample, in milliseconds
 * @returns a function that returns whether the event loop lags persistently
 */
export function watchLag(log: Logger, onSample?: (lagMs: number) => void): () => boolean {
  const measure = createLagMeter(log);
  let isLagging = false;
  const sample = () => {
    const due = performance.now() + INTERVAL_MS;
    setTimeout(() => {
      const lagMs = performance.now() - due;
      isLagging = measure(lagMs);
      onSample?.(lagMs);
      sample();
    }, INTERVAL_MS).unref();
  };
  sample();
  return () => isLagging;
}
