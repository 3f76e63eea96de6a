import { eventsAt, type RequestOrigin } from '../audit/event.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../errors.ts';

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface PasswordService {
  /**
   * Sets a new password and ends the user's other sessions.
   *
   * @throws AppError `wrong_current_password`, `invalid_token` where the caller's session has ended, or `validation_failed` for a new one that the policy refuses
   */
  change(
    user: { readonly id: number; readonly sessionId: string },
    change: PasswordChange,
    origin: RequestOrigin,
  ): Promise<void>;
}

export function createPasswordService({
  users,
  sessions,
  passwords,
  passwordPolicy,
  clock,
}: Pick<Deps, 'users' | 'sessions' | 'passwords' | 'passwordPolicy' | 'clock'>): PasswordService {
  const eventOf = eventsAt(clock);

  return {
    async change({ id, sessionId }, { currentPassword, newPassword }, origin) {
      const found = await users.findCredentialsById(id);
      await passwordPolicy.check(newPassword, found?.user ?? {}, '#/new_password');
      const old = found?.passwordHash ?? null;
      const verdict = await passwords.verify(currentPassword, old);
      if (old !== null && verdict.startsWith('match') && !found?.isLocked) {
        const hashes = { old, fresh: await passwords.hash(newPassword) };
        const event = eventOf(origin, id, 'password_change');
        if (await users.changePassword(id, hashes, sessionId, event)) return;
        if (!(await sessions.findLive(sessionId, id))) throw new AppError('invalid_token');
      }
      // Wrong, or another change was quicker and it is wrong by now.
      await users.recordFailure(
        id,
        eventOf(origin, id, 'password_change', { outcome: 'failure' }),
        eventOf(origin, id, 'lockout'),
      );
      throw new AppError('wrong_current_password');
    },
  };
}
