import type { Deps } from './deps.ts';
import { createHousekeeping, type Housekeeping } from './features/housekeeping/housekeeping.ts';
import type { HousekeepingJob } from './features/housekeeping/job.ts';
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

/** Removes expired rows of this database. */
export const housekeepingOf = (deps: Deps): Housekeeping =>
  createHousekeeping({ jobs: housekeepingJobs(deps), log: deps.log });

/** All that is removed. A table that grows by itself gets a line here. */
export const housekeepingJobs = ({
  sessions,
  credentials,
  networks,
  audit,
  rateLimits,
  config,
  clock,
}: Pick<
  Deps,
  'sessions' | 'credentials' | 'networks' | 'audit' | 'rateLimits' | 'config' | 'clock'
>): readonly HousekeepingJob[] => [
  { name: 'sessions', removeSome: (limit) => sessions.removeEnded(limit) },
  { name: 'rate_limits', removeSome: (limit) => rateLimits.removeEnded(limit) },
  {
    name: 'audit_events',
    removeSome: (limit) => audit.removeUntil(clock() - config.auditRetention, limit),
  },
  {
    name: 'refused_logins',
    removeSome: (limit) => audit.removeRefusalsUntil(clock() - config.auditRetention, limit),
  },
  { name: 'login_failures', removeSome: (limit) => credentials.removeOldFailures(limit) },
  { name: 'known_networks', removeSome: (limit) => networks.removeOld(limit) },
];
