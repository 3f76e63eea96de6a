import type { Caller } from '../../core/caller.ts';
import { networkOf } from '../../core/network.ts';
import type { Deps } from '../../deps.ts';
import { newSessionId, type Session } from './session.ts';

/** The tokens of a session. */
export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds until the access token expires. */
  readonly expiresIn: number;
}

/** Starts sessions and issues their tokens, once a password has been verified. */
export interface SessionIssuer {
  /** A session that starts now; it is not in the database yet. */
  newSession(userId: number, caller: Caller): Session;
  /** @param count of its newest refresh token */
  tokensOf(
    session: Pick<Session, 'id' | 'userId' | 'expiresAt'>,
    count: number,
  ): Promise<SessionTokens>;
}

export function createSessionIssuer({
  tokens,
  refreshTokens,
  config,
  clock,
}: Pick<Deps, 'tokens' | 'refreshTokens' | 'config' | 'clock'>): SessionIssuer {
  return {
    newSession(userId, { address, userAgent }) {
      const now = clock();
      return {
        id: newSessionId(),
        userId,
        createdAt: now,
        lastUsedAt: now,
        expiresAt: now + config.sessionLifetime.absolute,
        method: 'password',
        address,
        userAgent,
        lastNetwork: address === null ? null : networkOf(address),
      };
    },

    async tokensOf({ id, userId, expiresAt }, count) {
      const access = await tokens.issue({ userId, sessionId: id, notAfter: expiresAt });
      const refreshToken = refreshTokens.mint({ sessionId: id, count });
      return { accessToken: access.token, refreshToken, expiresIn: access.expiresIn };
    },
  };
}

/** As a login answers them (RFC 6749 section 5.1). */
export const toToken = ({ accessToken, refreshToken, expiresIn }: SessionTokens) => ({
  access_token: accessToken,
  token_type: 'bearer' as const,
  expires_in: expiresIn,
  refresh_token: refreshToken,
});
