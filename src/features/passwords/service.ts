import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import type { Meter } from '../../core/metrics/meter.ts';
import { eventsAt } from '../audit/event.ts';
import type { Requester } from '../codes/requests.ts';
import type { CodeStore } from '../codes/store.ts';
import type { DeviceStore } from '../devices/store.ts';
import { storedLocale } from '../messages/locale.ts';
import type { Messages } from '../messages/service.ts';
import type { NoticeStatements, Notices } from '../notices/service.ts';
import type { SessionStore } from '../sessions/store.ts';
import type { Proof } from '../sign-in/proof.ts';
import type { Login, SignIn } from '../sign-in/service.ts';
import type { User } from '../users/user.ts';
import type { GatedPasswordHasher } from './gate.ts';
import { lockoutNotice } from './lockout-notice.ts';
import type { PasswordPolicy } from './policy.ts';
import type { CredentialStore, VerifiedHash } from './store.ts';

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface PasswordService {
  /**
   * Sets a new password, ends all sessions and devices of the user, including the caller's, and starts a new one (OWASP
   * ASVS 5.0 section 7.4.3). This logs out a thief who has copied the tokens of the caller's session. Asks for no second factor,
   * because the caller's session has already passed it.
   *
   * @throws AppError `wrong_current_password`; `invalid_token` if the caller's session has ended; `weak_password` if
   * the policy rejects the new password
   */
  change(
    user: { readonly id: number; readonly sessionId: string },
    change: PasswordChange,
    requester: Requester,
  ): Promise<Login>;
}

export interface PasswordParts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly meter: Meter;
  readonly credentials: CredentialStore;
  readonly codes: Pick<CodeStore, 'end'>;
  readonly devices: Pick<DeviceStore, 'endAllOf'>;
  readonly sessions: Pick<SessionStore, 'findLive' | 'endOthers' | 'isLoggedInBy'>;
  readonly passwords: GatedPasswordHasher;
  readonly passwordPolicy: PasswordPolicy;
  readonly signIn: SignIn;
  readonly notices: Notices;
  readonly messages: Pick<Messages, 'kick'>;
}

export function createPasswordService(parts: PasswordParts): PasswordService {
  const { clock, credentials, codes, devices, sessions, passwords, passwordPolicy, signIn } = parts;
  const { notices, messages, meter } = parts;
  const eventOf = eventsAt(clock);

  /** The proof for a password change, which the current password provides. The new session ends all others. */
  const proofOf = (
    { user, sessionId }: { readonly user: User; readonly sessionId: string },
    hash: Required<VerifiedHash>,
    caller: Caller,
    notice: NoticeStatements | undefined,
  ): Proof => ({
    user,
    method: 'password',
    claims: [credentials.claimChange(user.id, sessions.isLoggedInBy(sessionId), hash)],
    event: (session) => eventOf(caller, user.id, 'password_change', { detail: { session } }),
    consequences: (session, isStarted) => [
      credentials.clearFailures(user.id, isStarted),
      sessions.endOthers(user.id, session, isStarted),
      // Runs before the batch stores the device of the new session.
      devices.endAllOf(user.id, isStarted),
      // Whoever had a session may have requested a change of address, and whoever read a message may have its link.
      codes.end(user.id, isStarted, { purposes: ['change', 'login', 'reset', 'reauthenticate'] }),
      ...(notice?.(isStarted) ?? []),
    ],
  });

  return {
    async change({ id, sessionId }, { currentPassword, newPassword }, { caller, later }) {
      const found = await credentials.findById(id);
      await passwordPolicy.check(newPassword, found?.user ?? {}, '#/new_password', caller.trace);
      const verified = found?.passwordHash ?? null;
      const match = await passwords.verify(currentPassword, verified, caller.address);
      if (found && verified !== null && match.startsWith('match') && !found.isLocked) {
        const fresh = await passwords.hash(newPassword, caller.address);
        const { user } = found;
        // Not the language of the request, which a thief chooses.
        const locale = storedLocale(found.locale);
        const notice = await notices.prepare({
          kind: 'password_changed',
          user,
          locale,
          trace: caller.trace,
        });
        const proof = proofOf({ user, sessionId }, { verified, fresh }, caller, notice);
        const login = await signIn.restart(sessionId, proof, caller);
        if (login && notice) messages.kick(later);
        if (login) return login;
        if (!(await sessions.findLive(sessionId, id))) throw new AppError('invalid_token');
      }
      // The current password is wrong or locked, or a concurrent change has replaced it.
      const isLocked = await credentials.recordChangeFailure(
        id,
        eventOf(caller, id, 'password_change', { outcome: 'failure' }),
        eventOf(caller, id, 'lockout'),
        found && (await notices.prepare(lockoutNotice(found, caller.trace))),
      );
      if (isLocked) meter.count('latchkey_lockouts_total', {});
      throw new AppError('wrong_current_password');
    },
  };
}
