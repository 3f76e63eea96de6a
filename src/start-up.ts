import { featuresOf } from './app.ts';
import type { Job } from './core/job.ts';
import type { Deps } from './deps.ts';
import {
  createHousekeeping,
  type HousekeepingCounts,
} from './features/housekeeping/housekeeping.ts';
import { seedDemoUser } from './features/sign-up/demo-user.ts';

/**
 * Runs once before the first request: reads the keys, and creates the demo user if it is enabled.
 *
 * @throws ConfigError if the secret cannot decrypt the keys; the database's error if a query fails
 */
export async function startUp(deps: Deps): Promise<void> {
  await deps.tokenKeys.signing();
  await seedDemoUser(deps);
}

/** The housekeeping jobs of all features. */
export const housekeepingJobs = (deps: Deps): readonly Job[] =>
  featuresOf(deps).flatMap(({ jobs = [] }) => jobs);

/**
 * Runs the housekeeping once: deletes expired rows, in small batches. The servers call it hourly, a Worker calls it
 * from its cron trigger. Concurrent runs on one database are safe. Never rejects: it logs an error, and the next run
 * retries.
 *
 * @param signal stops the run before its next batch
 */
export const tick = (deps: Deps, signal?: AbortSignal): Promise<HousekeepingCounts> =>
  createHousekeeping({ jobs: housekeepingJobs(deps), log: deps.log }).run(signal);
