// The timers of `node:timers` can be unref'd on Bun and Deno too; Deno's own are numbers.
import { clearTimeout, setTimeout } from 'node:timers';

/** When housekeeping runs. In milliseconds. */
export interface HousekeepingSchedule {
  /** From the start to the first run. */
  readonly firstAfter: number;
  /** From the end of a run to the next one. */
  readonly every: number;
}

const MINUTE_MS = 60_000;

/** Every hour. The first run comes soon, at random, so that servers that start together do not meet. */
export const hourly = (): HousekeepingSchedule => ({
  firstAfter: (0.25 + Math.random()) * MINUTE_MS,
  every: 60 * MINUTE_MS,
});

export interface HousekeepingTimer {
  /** Starts no more runs and resolves when the one under way has ended, which it does after its batch. */
  stop(): Promise<void>;
}

/**
 * Runs housekeeping by a timer that keeps no process alive. No run begins before the last has ended.
 *
 * @param tick one run, which never rejects; the signal ends it before its next batch
 */
export function startHousekeeping(
  tick: (signal: AbortSignal) => Promise<unknown>,
  { firstAfter, every }: HousekeepingSchedule,
): HousekeepingTimer {
  const ending = new AbortController();
  let run: Promise<unknown> = Promise.resolve();
  let timer = plan(firstAfter);

  function plan(delay: number) {
    return setTimeout(() => {
      run = tick(ending.signal).then(() => {
        if (!ending.signal.aborted) timer = plan(every);
      });
    }, delay).unref();
  }

  return {
    async stop() {
      ending.abort();
      clearTimeout(timer);
      await run;
    },
  };
}
