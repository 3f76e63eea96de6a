import { describeError } from '../../core/db/database.ts';
import type { Job } from '../../core/job.ts';
import type { Logger } from '../../core/log.ts';

/** Rows of one statement: some milliseconds of an embedded database, which blocks other requests. */
const BATCH = 500;
/** Between two batches, for the requests that have come. In milliseconds. */
const PAUSE_MS = 50;
/** In one run of one job, so 75,000 rows. D1 allows an invocation 1,000 statements, for all six jobs together. */
const MAX_BATCHES = 150;

/** How many rows a run has removed, by the name of the job. */
export type HousekeepingCounts = Readonly<Record<string, number>>;

export interface Housekeeping {
  /**
   * Deletes expired rows. Never rejects: an error is logged, and the next run tries again. Many
   * may run at once on one database.
   *
   * @param signal ends the run before its next batch
   */
  run(signal?: AbortSignal): Promise<HousekeepingCounts>;
}

interface HousekeepingOptions {
  readonly jobs: readonly Job[];
  readonly log: Logger;
}

/** Removes rows in small batches, with a pause after each, and logs a line a run. */
export function createHousekeeping({ jobs, log }: HousekeepingOptions): Housekeeping {
  return {
    async run(signal) {
      const counts: Record<string, number> = {};
      let isComplete = true;
      for (const job of jobs) {
        const { removed, isDone } = await runJob(job, log, signal);
        counts[job.name] = removed;
        isComplete &&= isDone;
      }
      const isIdle = Object.values(counts).every((count) => count === 0);
      log[isIdle ? 'debug' : 'info']('housekeeping', { ...counts, complete: isComplete });
      return counts;
    },
  };
}

/** @returns `isDone` where nothing is left */
async function runJob(
  job: Job,
  log: Logger,
  signal: AbortSignal | undefined,
): Promise<{ removed: number; isDone: boolean }> {
  let removed = 0;
  try {
    for (let batch = 0; batch < MAX_BATCHES && !signal?.aborted; batch++) {
      const count = await job.removeSome(BATCH);
      removed += count;
      if (count < BATCH) return { removed, isDone: true };
      await pause(signal);
    }
  } catch (error) {
    log.error('housekeeping_failed', { job: job.name, error: describeError(error) });
  }
  return { removed, isDone: false };
}

/** Resolves after the pause, or as soon as the signal is given. */
function pause(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, PAUSE_MS);
    signal?.addEventListener('abort', end);
  });
}
