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
 * @throws ConfigError where the secret does not open the keys; the database's error where it fails
 */
export async function startUp(deps: Deps): Promise<void> {
  await deps.tokenKeys.signing();
  await seedDemoUser(deps);
}

/** The housekeeping of all features. */
export const housekeepingJobs = (deps: Deps): readonly Job[] =>
  featuresOf(deps).flatMap(({ jobs = [] }) => jobs);

/**
 * Runs the periodic work once: deletes expired rows, in small batches. The servers call it
 * hourly, a Worker by its cron trigger; an operator's own timer may call it as well. Many may run at once on one
 * database. Never rejects: an error is logged, and the next call tries again.
 *
 * @param signal ends it before its next batch
 */
export const tick = (deps: Deps, signal?: AbortSignal): Promise<HousekeepingCounts> =>
  createHousekeeping({ jobs: housekeepingJobs(deps), log: deps.log }).run(signal);
