import { AppError } from '../../core/errors.ts';
import { eventsAt } from '../audit/event.ts';
import type { AvatarSweeper } from '../avatars/sweeper.ts';
import type { Requester } from '../codes/requests.ts';
import { storedLocale } from '../messages/locale.ts';
import type { Messages } from '../messages/service.ts';
import type { Notices } from '../notices/service.ts';
import { isFresh, type LiveSession } from '../sessions/session.ts';
import type { SessionStore } from '../sessions/store.ts';
import type { User } from '../users/user.ts';
import { clearSoon } from './clear-soon.ts';
import type { AccountStore } from './store.ts';

/** The user and the session that the guard has read. */
interface LoggedIn {
  readonly user: User;
  readonly session: Pick<LiveSession, 'id'>;
}

export interface AccountService {
  /**
   * Deletes the caller's account, and starts to delete its picture and to clear its audit events. Housekeeping does the
   * rest.
   *
   * @throws AppError `last_admin`; `reauthentication_required`; `invalid_token` if the session has ended or the account
   * was deleted
   */
  deleteAccount(loggedIn: LoggedIn, requester: Requester): Promise<void>;
}

export interface AccountParts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly accounts: Pick<AccountStore, 'delete' | 'findLocale' | 'clearSome'>;
  readonly avatarSweeper: Pick<AvatarSweeper, 'sweepAccount'>;
  readonly messages: Pick<Messages, 'kick'>;
  readonly notices: Notices;
  readonly sessions: Pick<SessionStore, 'findLive'>;
}

export function createAccountService(parts: AccountParts): AccountService {
  const { clock, accounts, avatarSweeper, messages, notices, sessions } = parts;
  const eventOf = eventsAt(clock);

  return {
    async deleteAccount({ user, session }, { caller, later }) {
      // Not the language of the request, which a thief chooses.
      const locale = storedLocale(await accounts.findLocale(user.id));
      const notice = await notices.prepare({ kind: 'deleted', user, locale, trace: caller.trace });
      const event = eventOf(caller, user.id, 'account_delete');
      const owner = { id: user.id, sessionId: session.id };
      if (!(await accounts.delete(owner, event, notice))) {
        const live = await sessions.findLive(session.id, user.id);
        if (!live) throw new AppError('invalid_token');
        throw new AppError(
          isFresh(live.session, clock()) ? 'last_admin' : 'reauthentication_required',
        );
      }
      messages.kick(later);
      later(clearSoon(accounts));
      if (user.avatarKey !== null) later(() => avatarSweeper.sweepAccount(user.id));
    },
  };
}
