import { ProblemError } from './errors.ts';
import { type AnyAnswer, type HttpRequest, type Send, toRequest } from './http.ts';
import type { AbortSignalLike } from './platform.ts';
import type { ErrorCode } from './schema.ts';
import { isRejectedToken, type Session } from './session.ts';
import type { Tokens } from './tokens.ts';

/** Requests with the access token of the session. */
export interface Calls {
  /** Sends a request, with the access token if a user is logged in. Refreshes it if necessary, and retries once. */
  sendAsUser(request: HttpRequest, signal: AbortSignalLike): Promise<AnyAnswer>;
  /** Asks the server to end the session of these tokens. */
  endSession(tokens: Tokens, signal: AbortSignalLike): Promise<void>;
}

export function createCalls(send: Send, session: Session): Calls {
  return {
    async sendAsUser(request, signal) {
      let tokens = await session.read();
      let refreshError: unknown;
      if (tokens && tokens.expiresAt <= Date.now()) {
        try {
          tokens = (await session.renew(tokens, signal)) ?? tokens;
        } catch (error) {
          if (isRejectedToken(error)) throw error;
          // The token may still be valid, because the device's clock may be wrong. Tries it, and throws this error if
          // the server rejects it.
          refreshError = error;
        }
      }
      try {
        return await send(request, signal, tokens?.accessToken);
      } catch (error) {
        if (!isUnauthorized(error, tokens ? 'invalid_token' : 'not_authenticated')) throw error;
        if (refreshError !== undefined) throw refreshError;
        const next = tokens && (await session.renew(tokens, signal));
        if (next) return send(request, signal, next.accessToken);
        await session.reportMissing(error);
        throw error;
      }
    },

    async endSession(tokens, signal) {
      const request = toRequest('POST', '/auth/logout');
      try {
        await send(request, signal, tokens.accessToken);
      } catch (error) {
        if (!isUnauthorized(error, 'invalid_token')) throw error;
        // The access token has expired, but the session may still be active.
        const { accessToken } = await session.exchange(tokens);
        await send(request, signal, accessToken);
      }
    },
  };
}

export const isUnauthorized = (error: unknown, code: ErrorCode): error is ProblemError =>
  error instanceof ProblemError && error.status === 401 && error.code === code;
