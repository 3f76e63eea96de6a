import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { eventsAt } from '../audit/event.ts';
import { DEMO_PASSWORD } from '../passwords/demo-password.ts';
import type { GatedPasswordHasher } from '../passwords/gate.ts';
import type { CredentialStore } from '../passwords/store.ts';
import type { UserStore } from '../users/store.ts';

/** The account that the documentation of both legacy clients uses. Its password is public. */
export const DEMO_USER = {
  phone: { entered: '7760873976', normalized: '+917760873976' },
  email: { entered: 'assignment.user@example.com', normalized: 'assignment.user@example.com' },
  name: 'Assignment User',
  password: DEMO_PASSWORD,
} as const;

/** The line that tells a developer how to log in. */
export const DEMO_LOGIN = `Demo login: ${DEMO_USER.phone.entered} with password ${DEMO_USER.password}`;

const AT_START = { requestId: 'start', address: null, network: null, userAgent: null } as const;

interface DemoUserParts {
  readonly config: Pick<Config, 'seedDemoUser'>;
  readonly users: Pick<UserStore, 'insert'>;
  readonly credentials: Pick<CredentialStore, 'find'>;
  readonly passwords: GatedPasswordHasher;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Creates the demo user if it is enabled and missing. Several processes may call this at once. */
export async function seedDemoUser({
  config,
  users,
  credentials,
  passwords,
  log,
  clock,
}: DemoUserParts): Promise<void> {
  if (!config.seedDemoUser) return;
  const { email, phone, name, password } = DEMO_USER;
  const identifier = { kind: 'phone', normalized: phone.normalized } as const;
  if (await credentials.find(identifier, { network: '' })) return;
  try {
    const passwordHash = await passwords.hash(password, AT_START.address);
    await users.insert(
      { email, phone, name, passwordHash },
      eventsAt(clock)(AT_START, null, 'signup'),
    );
    log.debug('demo_user_created');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn('demo_user_not_created', { reason: error.code });
  }
}
