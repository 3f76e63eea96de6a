import { ConfigError } from '../config.ts';
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
 * Makes the demo user where it is wanted. In production it must not be there with its public password,
 * which a database that was used in development would bring along.
 *
 * @throws ConfigError where it is there
 */
export async function prepareDemoUser(deps: Deps): Promise<void> {
  if (deps.config.seedDemoUser) return seedDemoUser(deps);
  if (deps.config.environment === 'production' && (await isDemoUserOpen(deps))) {
    throw new ConfigError([
      'DATABASE_URL: has the demo user, whose password is public; delete it or change its password',
    ]);
  }
}

/** Costs a password check only where there is such a user. */
async function isDemoUserOpen({ users, passwords }: Deps): Promise<boolean> {
  const { phone, password } = DEMO_USER;
  const found = await users.findCredentials({ kind: 'phone', normalized: phone.normalized });
  if (!found) return false;
  return (await passwords.verify(password, found.passwordHash)).startsWith('match');
}

/** Makes the demo user where it is missing. Safe to call from many processes at once. */
async function seedDemoUser({ users, passwords, log, clock }: Deps): Promise<void> {
  const { email, phone, name, password } = DEMO_USER;
  if (await users.findCredentials({ kind: 'phone', normalized: phone.normalized })) return;
  try {
    const passwordHash = await passwords.hash(password);
    await users.insert(
      { email, phone, name, passwordHash },
      { ...AT_START, at: clock(), actorId: null, action: 'signup', outcome: 'success' },
    );
    log.info('demo_user_created');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn('demo_user_not_created', { reason: error.code });
  }
}
