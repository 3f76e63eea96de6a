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
import { createSession, isRefusal } from './session.ts';
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
/** For each of the two tries: both have ended while the server still takes the token of the first. */
const REFRESH_TIMEOUT_MS = 4000;

/**
 * A client of the API that keeps its user logged in.
 *
 * @throws TypeError, RangeError for options that cannot be used
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
  // Looked up at each call: instrumentation and test tools replace it.
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const send = createSend({ baseUrl, fetch, credentials });
  const lockOf = (kind: string): Exclusive | undefined =>
    store.sharedAs !== undefined && locks
      ? createWebLocks(locks, `latchkey-${kind}-${store.sharedAs}@${baseUrl}`)
      : undefined;
  const session = createSession({
    store: createKeptTokens(store, isolated(onStoreError)),
    storing: lockOf('store') ?? createQueue(),
    // In one client the session itself sees to it.
    refreshing: lockOf('refresh') ?? ((task) => task()),
    rotate: ({ refreshToken, login }) => {
      const request = toRequest('POST', '/auth/refresh', { body: { refresh_token: refreshToken } });
      // The refresh has its own timeout: a caller that aborts does not end it for the others.
      return withDeadline(Math.min(timeout, REFRESH_TIMEOUT_MS), undefined, async (signal) =>
        readTokens(await send(request, signal), login),
      );
    },
    onSignedOut: isolated(onSignedOut),
  });
  let logOuts = 0;

  const within = <Result>(
    limits: CallOptions | undefined,
    task: (signal: AbortSignalLike) => Promise<Result>,
  ): Promise<Result> => {
    const limit = limits?.timeout ?? timeout;
    checkTimeout(limit);
    return withDeadline(limit, limits?.signal, task);
  };

  async function sendAsUser(request: HttpRequest, signal: AbortSignalLike): Promise<AnyAnswer> {
    let tokens = await session.read();
    let failure: unknown;
    if (tokens && tokens.expiresAt <= Date.now()) {
      try {
        tokens = (await session.renew(tokens, signal)) ?? tokens;
      } catch (error) {
        if (isRefusal(error)) throw error;
        // The clock may be wrong and the token good; if not, this is what went wrong.
        failure = error;
      }
    }
    try {
      return await send(request, signal, tokens?.accessToken);
    } catch (error) {
      if (!isUnauthorized(error, tokens ? 'invalid_token' : 'not_authenticated')) throw error;
      if (failure !== undefined) throw failure;
      const next = tokens && (await session.renew(tokens, signal));
      if (next) return send(request, signal, next.accessToken);
      await session.miss(error);
      throw error;
    }
  }

  async function endSession(tokens: Tokens, signal: AbortSignalLike): Promise<void> {
    const request = toRequest('POST', '/auth/logout');
    try {
      await send(request, signal, tokens.accessToken);
    } catch (error) {
      if (!isUnauthorized(error, 'invalid_token')) throw error;
      // The access token is over, the session need not be.
      const { accessToken } = await session.exchange(tokens);
      await send(request, signal, accessToken);
    }
  }

  /** Stores the tokens of a new session; ends it where they are not wanted any more. */
  async function begin(tokens: Tokens, isWanted: () => boolean): Promise<void> {
    if (await session.begin(tokens, isWanted)) return;
    // Who has given up is not to find themselves logged in, here or in the list of sessions.
    within(undefined, (own) => endSession(tokens, own)).catch(() => {});
    throw reasonOf(undefined);
  }

  /** A change of the password, whose answer has the tokens of another session. */
  const changeWith =
    (sendIt: (signal: AbortSignalLike) => Promise<AnyAnswer>) =>
    async (signal: AbortSignalLike): Promise<AnyAnswer> => {
      const before = logOuts;
      const tokens = await session.read();
      const answer = await sendIt(signal);
      // The same login: what else this user has asked for goes on with the new tokens.
      const next = readTokens(answer, tokens?.login ?? newLoginName());
      await begin(next, () => logOuts === before);
      return answer;
    };

  const request: Client['request'] = async (method, path, ...[given]) => {
    // What the document requires and allows, the types have seen to; here it is parts of a request.
    const { signal, timeout: limit, ...parts }: CallOptions & RequestParts = given ?? {};
    const prepared = toRequest(method, path, parts);
    const send = (inner: AbortSignalLike) => sendAsUser(prepared, inner);
    const answer = await within(
      { signal, timeout: limit },
      path === PASSWORD_CHANGE ? changeWith(send) : send,
    );
    // A server that keeps to the document answers so.
    return answer as AnswerOf<typeof method, typeof path>;
  };

  return {
    request,

    signUp: (account, limits) => request('POST', '/auth/signup', { ...limits, body: account }),

    async logIn(username, password, limits) {
      const login = toRequest('POST', '/auth/login', { form: { username, password } });
      const before = logOuts;
      await within(limits, async (signal) => {
        const tokens = readTokens(await send(login, signal), newLoginName());
        await begin(tokens, () => !signal.aborted && logOuts === before);
      });
    },

    async logOut(limits) {
      logOuts += 1;
      const tokens = await session.end();
      if (!tokens) return { revoked: true };
      try {
        await within(limits, (signal) => endSession(tokens, signal));
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

    async changePassword(change, limits) {
      await request('POST', PASSWORD_CHANGE, { ...limits, body: change });
    },

    async getProfile(limits) {
      const answer = await request('GET', '/profile/me', limits);
      if (answer.status === 304) throw unexpected(answer.status, answer.headers);
      return answer;
    },

    updateProfile: (changes, { ifMatch, ...limits } = {}) =>
      request('PUT', '/profile/me', {
        ...limits,
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
