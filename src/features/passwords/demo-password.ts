import type { Config } from '../../config/config.ts';

/** The password of the demo user. It is public. */
export const DEMO_PASSWORD = 'to_share@123';

/**
 * True if a correct password must still be rejected: it is the demo password, and the demo user is not enabled (it
 * never is in production). The database may contain a demo user from an earlier start. No other account can have this
 * password, because it is on the list of common passwords.
 */
export const isDisabledDemoPassword = (
  { seedDemoUser }: Pick<Config, 'seedDemoUser'>,
  password: string,
): boolean => !seedDemoUser && password === DEMO_PASSWORD;
