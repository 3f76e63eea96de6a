import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';

/** The account that the documentation of both old clients logs in with. Its password is public. */
export const DEMO_USER = {
  phone: { entered: '7760873976', normalized: '+917760873976' },
  email: { entered: 'assignment.user@example.com', normalized: 'assignment.user@example.com' },
  name: 'Assignment User',
  password: 'to_share@123',
} as const;

/** Makes the demo user where it is missing. Safe to call from many processes at once. */
export async function seedDemoUser({ users, passwords, log }: Deps): Promise<void> {
  const { email, phone, name, password } = DEMO_USER;
  if (await users.findCredentials({ kind: 'phone', normalized: phone.normalized })) return;
  try {
    await users.insert({ email, phone, name, passwordHash: await passwords.hash(password) });
    log.info('demo_user_created');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn('demo_user_not_created', { reason: error.code });
  }
}
