import { eventsAt } from '../audit/event.ts';
import type { Config } from '../config.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';

/** The account that the documentation of both old clients logs in with. Its password is public. */
export const DEMO_USER = {
  phone: { entered: '7760873976', normalized: '+917760873976' },
  email: { entered: 'assignment.user@example.com', normalized: 'assignment.user@example.com' },
  name: 'Assignment User',
  password: 'to_share@123',
} as const;

const AT_START = { requestId: 'start', address: null, userAgent: null } as const;

/**
 * Tells whether nobody gets in with a password, though it is right: in production everyone knows it who
 * has read our documentation, and a demo user whom a database of development brings along is no open door.
 * (Nobody can set it either: it is on the list of common passwords.)
 */
export const isRefusedPassword = (
  { environment }: Pick<Config, 'environment'>,
  password: string,
): boolean => environment === 'production' && password === DEMO_USER.password;

/** Makes the demo user where it is wanted and missing. Safe to call from many processes at once. */
export async function seedDemoUser({ config, users, passwords, log, clock }: Deps): Promise<void> {
  if (!config.seedDemoUser) return;
  const { email, phone, name, password } = DEMO_USER;
  if (await users.findCredentials({ kind: 'phone', normalized: phone.normalized }, '')) return;
  try {
    const passwordHash = await passwords.hash(password);
    await users.insert(
      { email, phone, name, passwordHash },
      eventsAt(clock)(AT_START, null, 'signup'),
    );
    log.info('demo_user_created');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn('demo_user_not_created', { reason: error.code });
  }
}
