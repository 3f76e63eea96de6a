import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import { type LimitHeaders, limitHeaders } from '../../core/quota.ts';
import { eventsAt } from '../audit/event.ts';
import type { Claims } from './claims.ts';
import type { SessionIssuer, SessionTokens } from './issuer.ts';
import type { RefreshTokens } from './refresh-token.ts';
import type { Session } from './session.ts';
import type { SessionStore } from './store.ts';
import { createVisits, type VisitParts } from './visits.ts';

const FAILURE = { outcome: 'failure' } as const;

export interface SessionService {
  /**
   * Issues the tokens that follow a refresh token: the next ones for the newest, the same ones again for
   * its parent while the grace period lasts. Any older one ends the session.
   *
   * @throws AppError `invalid_refresh_token` or `too_many_requests`
   */
  refresh(
    refreshToken: string,
    caller: Caller,
  ): Promise<SessionTokens & { readonly limit: LimitHeaders }>;
  /**
   * Ends the session that the caller is in.
   *
   * @throws AppError `invalid_token` if it has ended, or its user is deleted or disabled
   */
  logOut(claims: Claims, caller: Caller): Promise<void>;
  list(userId: number): Promise<Session[]>;
  /** @throws AppError `not_found` for an id that is not one of the user's */
  end(id: string, userId: number, caller: Caller): Promise<void>;
  /** Ends the user's sessions, all or all but one. */
  endAll(userId: number, except: string | undefined, caller: Caller): Promise<void>;
}

interface SessionParts extends VisitParts {
  readonly sessions: SessionStore;
  readonly refreshTokens: RefreshTokens;
  readonly issuer: SessionIssuer;
}

export function createSessionService(parts: SessionParts): SessionService {
  const { sessions, refreshTokens, issuer, clock } = parts;
  const eventOf = eventsAt(clock);
  const visits = createVisits(parts);

  return {
    async refresh(refreshToken, caller) {
      const claim = refreshTokens.read(refreshToken);
      if (!claim) throw new AppError('invalid_refresh_token');
      const rotation = await sessions.rotate(claim);
      if (rotation && 'refused' in rotation) {
        throw new AppError('too_many_requests', { headers: limitHeaders([rotation.refused]) });
      }
      if (rotation) {
        if (caller.network !== null && caller.network !== rotation.lastNetwork) {
          await visits.move(claim.sessionId, rotation.userId, caller);
        }
        const session = { ...rotation, id: claim.sessionId };
        const tokens = await issuer.tokensOf(session, rotation.count);
        return { ...tokens, limit: limitHeaders(rotation.verdict ? [rotation.verdict] : []) };
      }
      const detail = { session: claim.sessionId };
      const reuse = eventOf(caller, null, 'refresh_reuse', { ...FAILURE, detail });
      await sessions.endReplayed(claim, reuse);
      throw new AppError('invalid_refresh_token');
    },

    async logOut({ userId, sessionId }, caller) {
      const isEnded = await sessions.end(sessionId, userId, eventOf(caller, userId, 'logout'));
      if (!isEnded) throw new AppError('invalid_token');
    },

    list: (userId) => sessions.list(userId),

    async end(id, userId, caller) {
      const isEnded = await sessions.end(
        id,
        userId,
        eventOf(caller, userId, 'session_revoke', { detail: { session: id } }),
      );
      if (!isEnded) throw new AppError('not_found');
    },

    endAll: (userId, except, caller) =>
      sessions.endAll(
        userId,
        except,
        eventOf(caller, userId, 'session_revoke', {
          detail: { sessions: except === undefined ? 'all' : 'others' },
        }),
      ),
  };
}
