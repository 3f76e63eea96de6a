import { featuresOf } from './app.ts';
import type { Job } from './core/job.ts';
import type { Deps } from './deps.ts';
import { createHousekeeping, type Housekeeping } from './features/housekeeping/housekeeping.ts';
import { seedDemoUser } from './features/sign-up/demo-user.ts';

/**
 * What is done once before the first request: the keys are read, the demo user is created where wanted.
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

/** Removes expired rows of this database. */
export const housekeepingOf = (deps: Deps): Housekeeping =>
  createHousekeeping({ jobs: housekeepingJobs(deps), log: deps.log });
