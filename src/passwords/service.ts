import type { RequestOrigin } from '../audit/event.ts';
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
   * @throws AppError `wrong_current_password`, or `validation_failed` for a new one that the policy refuses
   */
  change(
    user: { readonly id: number; readonly sessionId: string },
    change: PasswordChange,
    origin: RequestOrigin,
  ): Promise<void>;
}

export function createPasswordService({
  users,
  audit,
  passwords,
  passwordPolicy,
  clock,
}: Pick<Deps, 'users' | 'audit' | 'passwords' | 'passwordPolicy' | 'clock'>): PasswordService {
  return {
    async change({ id, sessionId }, { currentPassword, newPassword }, origin) {
      const event = { ...origin, at: clock(), actorId: id, action: 'password_change' } as const;
      const found = await users.findCredentialsById(id);
      await passwordPolicy.check(newPassword, found?.user ?? {}, '#/new_password');
      const old = found?.passwordHash ?? null;
      const verdict = await passwords.verify(currentPassword, old);
      if (old !== null && verdict.startsWith('match')) {
        const hashes = { old, fresh: await passwords.hash(newPassword) };
        if (await users.changePassword(id, hashes, sessionId, { ...event, outcome: 'success' }))
          return;
      }
      // Wrong, or another change was quicker and it is wrong by now.
      await audit.record(id, { ...event, outcome: 'failure' });
      throw new AppError('wrong_current_password');
    },
  };
}
