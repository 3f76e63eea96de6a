import type { AccessTokens } from './access-token.ts';
import type { RefreshTokens } from './refresh-token.ts';
import type { Session } from './session.ts';

/** The tokens of a session. */
export interface SessionTokens {
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds until the access token expires. */
  readonly expiresIn: number;
}

/** Issues the access and refresh tokens of sessions. */
export interface SessionIssuer {
  /** @param count rotation count of the session's newest refresh token */
  tokensOf(
    session: Pick<Session, 'id' | 'userId' | 'expiresAt' | 'authTime'> & {
      readonly roles: readonly string[];
    },
    count: number,
  ): Promise<SessionTokens>;
}

export function createSessionIssuer(
  tokens: AccessTokens,
  refreshTokens: RefreshTokens,
): SessionIssuer {
  return {
    async tokensOf({ id, userId, expiresAt, authTime, roles }, count) {
      const subject = { userId, sessionId: id, authTime, notAfter: expiresAt, roles };
      const access = await tokens.issue(subject);
      const refreshToken = refreshTokens.mint({ sessionId: id, count });
      return {
        sessionId: id,
        accessToken: access.token,
        refreshToken,
        expiresIn: access.expiresIn,
      };
    },
  };
}

/** Returns the body of a token response (RFC 6749 section 5.1). */
export const toToken = ({ accessToken, refreshToken, expiresIn }: SessionTokens) => ({
  access_token: accessToken,
  token_type: 'bearer' as const,
  expires_in: expiresIn,
  refresh_token: refreshToken,
});
