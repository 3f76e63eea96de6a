import type { Deps } from '../../deps.ts';

/** One kind of row that is of no use after its time. */
export interface HousekeepingJob {
  /** Names what is removed, in the log. */
  readonly name: string;
  /** Removes such rows, as many as `limit`, by one statement. Tells how many there were. */
  removeSome(limit: number): Promise<number>;
}

/** All that is removed. A table that grows by itself gets a line here. */
export const housekeepingJobs = ({
  sessions,
  users,
  audit,
  rateLimits,
  config,
  clock,
}: Pick<
  Deps,
  'sessions' | 'users' | 'audit' | 'rateLimits' | 'config' | 'clock'
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
  { name: 'login_failures', removeSome: (limit) => users.removeOldFailures(limit) },
  { name: 'known_networks', removeSome: (limit) => users.removeOldNetworks(limit) },
];
