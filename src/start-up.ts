import { type App, createApp, featuresOf } from './app.ts';
import type { Deps } from './deps.ts';
import { createHousekeeping, type Housekeeping } from './features/housekeeping/housekeeping.ts';
import { seedDemoUser } from './features/sign-up/demo-user.ts';

/**
 * Runs once before the first request. Reads the keys, and creates the demo user if it is enabled.
 *
 * @throws ConfigError if the secret cannot decrypt the keys; the database's error if a query fails
 */
export async function startUp(deps: Deps): Promise<void> {
  await deps.tokenKeys.signing();
  await seedDemoUser(deps);
}

/** The app, and its housekeeping. */
export interface Assembly {
  readonly app: App;
  /**
   * Runs the housekeeping once: deletes expired rows in small batches. Servers call it hourly; a Worker calls it from
   * its cron trigger. Concurrent runs on one database are safe. Never rejects: it logs an error, and the next run
   * retries.
   *
   * @param signal stops the run before its next batch
   */
  readonly tick: Housekeeping['run'];
}

/**
 * Creates each feature once, for both the app and its housekeeping, because a feature may keep state that its
 * operations and its jobs share.
 *
 * @param create replaced by tests
 */
export function assemble(deps: Deps, create = createApp): Assembly {
  const features = featuresOf(deps);
  const jobs = features.flatMap(({ jobs = [] }) => jobs);
  return { app: create(deps, features), tick: createHousekeeping({ jobs, log: deps.log }).run };
}
