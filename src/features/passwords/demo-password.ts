import type { Config } from '../../config/config.ts';

/** The password of the demo user. It is public. */
export const DEMO_PASSWORD = 'to_share@123';

/**
 * True if a correct password must still be rejected: the public one, where the demo user is not wanted (in
 * production it never is). The database may hold a demo user from an earlier start. No other account has this
 * password: the list of common passwords refuses it.
 */
export const isRefusedPassword = (
  { seedDemoUser }: Pick<Config, 'seedDemoUser'>,
  password: string,
): boolean => !seedDemoUser && password === DEMO_PASSWORD;
