import type { Config } from '../../config/config.ts';

/** The password of the demo user. It is public. */
export const DEMO_PASSWORD = 'to_share@123';

/**
 * True if a correct password must still be rejected: the demo password, unless the demo user is enabled (never in
 * production). The database may hold a demo user from an earlier start. No other account can have this password:
 * it is on the list of common passwords.
 */
export const isDisabledDemoPassword = (
  { seedDemoUser }: Pick<Config, 'seedDemoUser'>,
  password: string,
): boolean => !seedDemoUser && password === DEMO_PASSWORD;
