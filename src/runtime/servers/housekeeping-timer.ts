// Imported from `node:timers`, because Deno's global timers are numbers and have no `unref`.
import { clearTimeout, setTimeout } from 'node:timers';

/** When housekeeping runs, in milliseconds. */
export interface HousekeepingSchedule {
  /** From the start of the server to the first run. */
  readonly firstAfter: number;
  /** From the end of a run to the next one. */
  readonly every: number;
}

const MINUTE_MS = 60_000;

/**
 * Runs every hour. The first run has a short random delay, so that servers that start together do not run at the same
 * time.
 */
export const hourly = (): HousekeepingSchedule => ({
  firstAfter: (0.25 + Math.random()) * MINUTE_MS,
  every: 60 * MINUTE_MS,
});

export interface HousekeepingTimer {
  /** Cancels further runs. Resolves when the current run has ended, which is after its current batch. */
  stop(): Promise<void>;
}

/**
 * Runs housekeeping on a timer that does not keep the process alive. Runs never overlap.
 *
 * @param tick performs one run and never rejects; aborting the signal ends the run before its next batch
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
