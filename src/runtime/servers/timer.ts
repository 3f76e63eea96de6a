// Imported from `node:timers`, because Deno's global timers are numbers and have no `unref`.
import { clearTimeout, setTimeout } from 'node:timers';

/** When something runs, in milliseconds. */
export interface Schedule {
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
export const hourly = (): Schedule => ({
  firstAfter: (0.25 + Math.random()) * MINUTE_MS,
  every: 60 * MINUTE_MS,
});

/** Runs every 15 seconds, first shortly after the start: the server before it may have left something. */
export const sweeping = (): Schedule => ({
  firstAfter: 1000 + Math.random() * 2000,
  every: 15_000,
});

export interface RunTimer {
  /** Cancels further runs. Resolves when the current run has ended, which it does after its current batch. */
  stop(): Promise<void>;
}

/**
 * Repeats something on a timer that does not keep the process alive. Runs never overlap.
 *
 * @param tick performs one run and never rejects; aborting the signal ends the run before its next batch
 */
export function startTimer(
  tick: (signal: AbortSignal) => Promise<unknown>,
  { firstAfter, every }: Schedule,
): RunTimer {
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
