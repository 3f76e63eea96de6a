import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import type { Meter } from '../../core/metrics/meter.ts';
import { type LimitHeaders, limitHeaders } from '../../core/quota.ts';
import { eventsAt } from '../audit/event.ts';
import { storedLocale } from '../messages/locale.ts';
import type { Notices } from '../notices/service.ts';
import type { Claims } from './claims.ts';
import type { SessionIssuer, SessionTokens } from './issuer.ts';
import type { RefreshPayload, RefreshTokens } from './refresh-token.ts';
import type { Session } from './session.ts';
import type { SessionStore } from './store.ts';
import { createVisits, type VisitParts } from './visits.ts';

const FAILURE = { outcome: 'failure' } as const;

export interface SessionService {
  /**
   * Issues new tokens for a refresh token. The newest token is rotated. Within the grace period, its parent yields the
   * same new refresh token again. Any older token counts as replayed and ends the session.
   *
   * @throws AppError `invalid_refresh_token` or `too_many_requests`
   */
  refresh(
    refreshToken: string,
    caller: Caller,
  ): Promise<SessionTokens & { readonly limit: LimitHeaders }>;
  /**
   * Ends the caller's own session.
   *
   * @throws AppError `invalid_token` if the session has ended, or its user is deleted or disabled
   */
  logOut(session: Pick<Claims, 'userId' | 'sessionId'>, caller: Caller): Promise<void>;
  /** The user's live sessions, newest first. */
  list(userId: number): Promise<Session[]>;
  /**
   * Ends one session.
   *
   * @throws AppError `not_found` unless it is a live session of the user
   */
  end(id: string, userId: number, caller: Caller): Promise<void>;
  /** Ends all sessions of the user, or all except `except`. */
  endAll(userId: number, except: string | undefined, caller: Caller): Promise<void>;
}

interface SessionParts extends VisitParts {
  readonly sessions: SessionStore;
  readonly refreshTokens: RefreshTokens;
  readonly issuer: SessionIssuer;
  readonly notices: Notices;
  readonly meter: Meter;
}

export function createSessionService(parts: SessionParts): SessionService {
  const { sessions, refreshTokens, issuer, notices, meter, clock } = parts;
  const eventOf = eventsAt(clock);
  const visits = createVisits(parts);

  /** The notice to the user of a session whose refresh token was replayed. */
  async function reuseNotice(payload: RefreshPayload, { trace }: Caller) {
    const found = notices.isOn('refresh_reuse') && (await sessions.findReplayed(payload));
    if (!found) return undefined;
    const { user, locale } = found;
    const notice = { kind: 'refresh_reuse', user, locale: storedLocale(locale), trace } as const;
    const queue = await notices.prepare(notice);
    return queue && { userId: user.id, queue };
  }

  return {
    async refresh(refreshToken, caller) {
      const payload = refreshTokens.read(refreshToken);
      if (!payload) throw new AppError('invalid_refresh_token');
      const rotation = await sessions.rotate(payload);
      if (rotation && 'refused' in rotation) {
        meter.count('latchkey_limit_hits_total', { limit: rotation.refused.name });
        throw new AppError('too_many_requests', { headers: limitHeaders([rotation.refused]) });
      }
      if (rotation) {
        if (caller.network !== null && caller.network !== rotation.lastNetwork) {
          await visits.changeNetwork(payload.sessionId, rotation.userId, caller);
        }
        const session = { ...rotation, id: payload.sessionId };
        const tokens = await issuer.tokensOf(session, rotation.count);
        return { ...tokens, limit: limitHeaders(rotation.verdict ? [rotation.verdict] : []) };
      }
      const detail = { session: payload.sessionId };
      const reuse = eventOf(caller, null, 'refresh_reuse', { ...FAILURE, detail });
      const isReplayed = await sessions.endReplayed(
        payload,
        reuse,
        await reuseNotice(payload, caller),
      );
      if (isReplayed) meter.count('latchkey_refresh_token_reuse_total', {});
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
