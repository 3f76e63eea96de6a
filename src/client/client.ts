import { isolated, unhandled } from './callback.ts';
import { reasonOf, withDeadline } from './deadline.ts';
import { ProblemError } from './errors.ts';
import { createQueue, createWebLocks, type Exclusive } from './exclusive.ts';
import {
  type AnyAnswer,
  createSend,
  type HttpRequest,
  type RequestParts,
  toBaseUrl,
  toRequest,
  unexpected,
} from './http.ts';
import { createKeptTokens } from './kept-tokens.ts';
import { newLoginName, readTokens, toTokens } from './new-tokens.ts';
import type { AnswerOf, CallOptions } from './operation.ts';
import type { AbortSignalLike, Fetch } from './platform.ts';
import type { ErrorCode } from './schema.ts';
import { createSession, isRejectedToken } from './session.ts';
import { memoryTokens, type Tokens } from './tokens.ts';
import type { Client, ClientOptions } from './types.ts';

export { NetworkError, type ProblemCode, ProblemError, type ProblemField } from './errors.ts';
export type { NewTokens } from './new-tokens.ts';
export type {
  Answer,
  AnswerOf,
  CallOptions,
  Method,
  Options,
  PathOf,
  Schema,
} from './operation.ts';
export type {
  AbortSignalLike,
  AnswerHeaders,
  Fetch,
  FetchInit,
  Locks,
  WebStorage,
} from './platform.ts';
export type { ErrorCode } from './schema.ts';
export {
  memoryTokens,
  parseTokens,
  type TokenStore,
  type Tokens,
  webStorageTokens,
} from './tokens.ts';
export type { Client, ClientOptions, LogOut } from './types.ts';

const PASSWORD_CHANGE = '/auth/password/change';
const MAX_TIMEOUT_MS = 600_000;
/** Per attempt: both attempts must end while the server still accepts the token of the first one. */
const REFRESH_TIMEOUT_MS = 4000;

/**
 * Creates a client of the API that keeps its user logged in.
 *
 * @throws TypeError, RangeError if an option is invalid
 * @example
 * ```ts
 * const client = createClient({ baseUrl: 'http://127.0.0.1:8000' });
 * await client.logIn('ada@example.com', 'analytical engine');
 * const { data: profile } = await client.getProfile();
 * ```
 */
export function createClient(options: ClientOptions): Client {
  const { tokens: store = memoryTokens(), timeout = 30_000, onSignedOut = () => {} } = options;
  const {
    locks = globalThis.navigator?.locks,
    credentials = 'omit',
    onStoreError = unhandled,
  } = options;
  const baseUrl = toBaseUrl(options.baseUrl, options.allowInsecure === true);
  checkTimeout(timeout);
  // Looked up on every call, since instrumentation and test tools replace it.
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const send = createSend({ baseUrl, fetch, credentials });
  const lockOf = (kind: string): Exclusive | undefined =>
    store.sharedAs !== undefined && locks
      ? createWebLocks(locks, `latchkey-${kind}-${store.sharedAs}@${baseUrl}`)
      : undefined;
  const session = createSession({
    store: createKeptTokens(store, isolated(onStoreError)),
    storing: lockOf('store') ?? createQueue(),
    // Without a shared store no lock is needed: the session itself shares one refresh among its callers.
    refreshing: lockOf('refresh') ?? ((task) => task()),
    rotate: ({ refreshToken, login }) => {
      const request = toRequest('POST', '/auth/refresh', { body: { refresh_token: refreshToken } });
      // The refresh has its own timeout, so that a caller's abort does not cancel it for the other callers.
      return withDeadline(Math.min(timeout, REFRESH_TIMEOUT_MS), undefined, async (signal) =>
        readTokens(await send(request, signal), login),
      );
    },
    onSignedOut: isolated(onSignedOut),
  });
  let logOuts = 0;

  const runCall = <Result>(
    callOptions: CallOptions | undefined,
    task: (signal: AbortSignalLike) => Promise<Result>,
  ): Promise<Result> => {
    const limit = callOptions?.timeout ?? timeout;
    checkTimeout(limit);
    return withDeadline(limit, callOptions?.signal, task);
  };

  async function sendAsUser(request: HttpRequest, signal: AbortSignalLike): Promise<AnyAnswer> {
    let tokens = await session.read();
    let refreshError: unknown;
    if (tokens && tokens.expiresAt <= Date.now()) {
      try {
        tokens = (await session.renew(tokens, signal)) ?? tokens;
      } catch (error) {
        if (isRejectedToken(error)) throw error;
        // The device's clock may be wrong and the token still valid, so try it; throw this error if it is not.
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
  }

  async function endSession(tokens: Tokens, signal: AbortSignalLike): Promise<void> {
    const request = toRequest('POST', '/auth/logout');
    try {
      await send(request, signal, tokens.accessToken);
    } catch (error) {
      if (!isUnauthorized(error, 'invalid_token')) throw error;
      // The access token has expired, but the session may still be active.
      const { accessToken } = await session.exchange(tokens);
      await send(request, signal, accessToken);
    }
  }

  /** Stores the tokens of a new session, or ends the session if `isWanted` is false by then. */
  async function begin(tokens: Tokens, isWanted: () => boolean): Promise<void> {
    if (await session.begin(tokens, isWanted)) return;
    // After an abort or logout, the user must not be logged in here or see this session in the list of sessions.
    runCall(undefined, (own) => endSession(tokens, own)).catch(() => {});
    throw reasonOf(undefined);
  }

  /** Sends a password change and stores the tokens of the new session in its answer. */
  const changeWith =
    (sendChange: (signal: AbortSignalLike) => Promise<AnyAnswer>) =>
    async (signal: AbortSignalLike): Promise<AnyAnswer> => {
      const before = logOuts;
      const tokens = await session.read();
      const answer = await sendChange(signal);
      // Keeps the name of the login, so that other calls of this user continue with the new tokens.
      const next = readTokens(answer, tokens?.login ?? newLoginName());
      await begin(next, () => logOuts === before);
      return answer;
    };

  const request: Client['request'] = async (method, path, ...[given]) => {
    // The parameter types have checked the options against the document; from here on they are just parts.
    const { signal, timeout: limit, ...parts }: CallOptions & RequestParts = given ?? {};
    const prepared = toRequest(method, path, parts);
    const send = (inner: AbortSignalLike) => sendAsUser(prepared, inner);
    const answer = await runCall(
      { signal, timeout: limit },
      path === PASSWORD_CHANGE ? changeWith(send) : send,
    );
    // The assertion holds as long as the server conforms to its document.
    return answer as AnswerOf<typeof method, typeof path>;
  };

  return {
    request,

    signUp: (account, callOptions) =>
      request('POST', '/auth/signup', { ...callOptions, body: account }),

    async logIn(username, password, callOptions) {
      const login = toRequest('POST', '/auth/login', { form: { username, password } });
      const before = logOuts;
      await runCall(callOptions, async (signal) => {
        const tokens = readTokens(await send(login, signal), newLoginName());
        await begin(tokens, () => !signal.aborted && logOuts === before);
      });
    },

    async logOut(callOptions) {
      logOuts += 1;
      const tokens = await session.end();
      if (!tokens) return { revoked: true };
      try {
        await runCall(callOptions, (signal) => endSession(tokens, signal));
        return { revoked: true };
      } catch (error) {
        return isUnauthorized(error, 'invalid_refresh_token')
          ? { revoked: true }
          : { revoked: false, error };
      }
    },

    async adoptTokens(tokens) {
      await session.begin(toTokens(tokens, newLoginName()), () => true);
    },

    async changePassword(change, callOptions) {
      await request('POST', PASSWORD_CHANGE, { ...callOptions, body: change });
    },

    async getProfile(callOptions) {
      const answer = await request('GET', '/profile/me', callOptions);
      if (answer.status === 304) throw unexpected(answer.status, answer.headers);
      return answer;
    },

    updateProfile: (changes, { ifMatch, ...callOptions } = {}) =>
      request('PUT', '/profile/me', {
        ...callOptions,
        headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
        body: changes,
      }),
  };
}

const isUnauthorized = (error: unknown, code: ErrorCode): error is ProblemError =>
  error instanceof ProblemError && error.status === 401 && error.code === code;

function checkTimeout(milliseconds: number): void {
  if (milliseconds >= 1 && milliseconds <= MAX_TIMEOUT_MS) return;
  throw new RangeError(`timeout must be 1 to ${MAX_TIMEOUT_MS} milliseconds`);
}
