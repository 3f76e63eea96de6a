import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import type { Deps } from '../../deps.ts';
import { eventsAt } from '../audit/event.ts';
import { createSessionIssuer, type SessionTokens } from '../sessions/issuer.ts';

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface PasswordService {
  /**
   * Sets a new password, ends all sessions of the user, the caller's too, and starts a new one (OWASP ASVS 5.0
   * section 7.4.3). Whoever has copied the tokens of this session is out as well.
   *
   * @throws AppError `wrong_current_password`, `invalid_token` where the caller's session has ended, or `weak_password` for a new one that the policy refuses
   */
  change(
    user: { readonly id: number; readonly sessionId: string },
    change: PasswordChange,
    caller: Caller,
  ): Promise<SessionTokens>;
}

export function createPasswordService(deps: Deps): PasswordService {
  const { users, sessions, passwords, passwordPolicy, clock } = deps;
  const eventOf = eventsAt(clock);
  const { newSession, tokensOf } = createSessionIssuer(deps);

  return {
    async change({ id, sessionId }, { currentPassword, newPassword }, caller) {
      const found = await users.findCredentialsById(id);
      await passwordPolicy.check(newPassword, found?.user ?? {}, '#/new_password');
      const verified = found?.passwordHash ?? null;
      const verdict = await passwords.verify(currentPassword, verified, caller.address);
      if (verified !== null && verdict.startsWith('match') && !found?.isLocked) {
        const hashes = { verified, fresh: await passwords.hash(newPassword, caller.address) };
        const session = newSession(id, caller);
        const detail = { session: session.id };
        const events = {
          start: eventOf(caller, id, 'password_change', { detail }),
          newNetwork: eventOf(caller, id, 'new_network', { detail }),
        };
        if (await sessions.startByChange(session, sessionId, hashes, events)) {
          return tokensOf(session, 0);
        }
        if (!(await sessions.findLive(sessionId, id))) throw new AppError('invalid_token');
      }
      // Wrong, or another change was quicker and it is wrong by now.
      await users.recordChangeFailure(
        id,
        eventOf(caller, id, 'password_change', { outcome: 'failure' }),
        eventOf(caller, id, 'lockout'),
      );
      throw new AppError('wrong_current_password');
    },
  };
}
