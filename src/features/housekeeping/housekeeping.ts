import { describeError } from '../../core/db/database.ts';
import type { Job } from '../../core/job.ts';
import type { Logger } from '../../core/log.ts';

/** Rows per statement. Deleting a batch takes an embedded database a few milliseconds, and requests wait meanwhile. */
const BATCH_ROWS = 500;
/** The pause between two batches, in milliseconds. Lets waiting requests run. */
const PAUSE_MS = 50;
/**
 * Statements per run, divided equally among the jobs. D1 allows 1,000 per invocation, and the start-up needs some of
 * them.
 */
const MAX_BATCHES = 900;

/** The number of rows that a run has deleted, by job name. */
export type HousekeepingCounts = Readonly<Record<string, number>>;

export interface Housekeeping {
  /**
   * Deletes expired rows. Never rejects: an error is logged, and the next run retries. Concurrent runs on one
   * database are safe.
   *
   * @param signal ends the run before its next batch
   */
  run(signal?: AbortSignal): Promise<HousekeepingCounts>;
}

interface HousekeepingOptions {
  readonly jobs: readonly Job[];
  readonly log: Logger;
}

/** Creates the housekeeping. It deletes rows in small batches, pauses after each, and logs one line per run. */
export function createHousekeeping({ jobs, log }: HousekeepingOptions): Housekeeping {
  const maxBatches = Math.floor(MAX_BATCHES / jobs.length);
  return {
    async run(signal) {
      const counts: Record<string, number> = {};
      let isComplete = true;
      for (const job of jobs) {
        const { removed, isDone } = await runJob(job, { maxBatches, log, signal });
        counts[job.name] = removed;
        isComplete &&= isDone;
      }
      const isIdle = Object.values(counts).every((count) => count === 0);
      log[isIdle ? 'debug' : 'info']('housekeeping', { ...counts, complete: isComplete });
      return counts;
    },
  };
}

interface JobOptions {
  readonly maxBatches: number;
  readonly log: Logger;
  readonly signal: AbortSignal | undefined;
}

/** Runs one job. In the result, `isDone` is true if no expired row is left. */
async function runJob(
  job: Job,
  { maxBatches, log, signal }: JobOptions,
): Promise<{ removed: number; isDone: boolean }> {
  let removed = 0;
  try {
    for (let batch = 0; batch < maxBatches && !signal?.aborted; batch++) {
      const count = await job.removeSome(BATCH_ROWS);
      removed += count;
      if (count < BATCH_ROWS) return { removed, isDone: true };
      await pause(signal);
    }
  } catch (error) {
    log.error('housekeeping_failed', { job: job.name, error: describeError(error) });
  }
  return { removed, isDone: false };
}

/** Resolves after {@link PAUSE_MS}, or when the signal aborts. */
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
