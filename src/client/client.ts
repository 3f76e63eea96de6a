import { isolated, unhandled } from './callback.ts';
import { reasonOf, withDeadline } from './deadline.ts';
import { ProblemError } from './errors.ts';
import { createQueue, createWebLocks, type Exclusive } from './exclusive.ts';
import {
  type AnyAnswer,
  createSend,
  type HttpRequest,
  type RequestParts,
  toRequest,
  unexpected,
} from './http.ts';
import { createKeptTokens } from './kept-tokens.ts';
import { type NewTokens, newLoginName, readTokens, toTokens } from './new-tokens.ts';
import type {
  Answer,
  AnswerOf,
  Arguments,
  CallOptions,
  Method,
  PathOf,
  Schema,
} from './operation.ts';
import type { AbortSignalLike, Fetch, FetchInit, Locks } from './platform.ts';
import type { ErrorCode } from './schema.ts';
import { createSession, isRefusal } from './session.ts';
import { memoryTokens, type TokenStore, type Tokens } from './tokens.ts';

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

export interface ClientOptions {
  /** Where the API is, such as `https://api.example.com`. Empty for the origin of the page. */
  readonly baseUrl: string;
  /** Where tokens are kept. Default: in memory. */
  readonly tokens?: TokenStore | undefined;
  /** Default: the platform's. */
  readonly fetch?: Fetch | undefined;
  /** For a store that other tabs share. Default: `navigator.locks`, where there is one. */
  readonly locks?: Locks | undefined;
  /** Milliseconds for a call, 1 to 600000. Default: 30000. */
  readonly timeout?: number | undefined;
  /** Whether cookies go along. The API has none; a proxy in front of it may. Default: `omit`. */
  readonly credentials?: FetchInit['credentials'] | undefined;
  /**
   * Called once when a call has found that the login is over: the server has ended it, or another client
   * has emptied the store that they share. Not for a `logOut` of this one. What it throws is an unhandled
   * rejection; the call fails as it does without.
   */
  readonly onSignedOut?: ((error: ProblemError) => void) | undefined;
  /**
   * Called with what the store's `set` has thrown. The client goes on with what it could not write, in
   * memory, until a `set` succeeds. Default: an unhandled rejection.
   */
  readonly onStoreError?: ((error: unknown) => void) | undefined;
}

/** What a logout came to. The client has forgotten the tokens in any case. */
export type LogOut =
  /** The server has ended the session, or refused its refresh token as over; or nobody was logged in. */
  | { readonly revoked: true }
  /** The server was not told, or said something else: the session may live until it is unused for long. */
  | { readonly revoked: false; readonly error: unknown };

/**
 * Every call throws ProblemError, NetworkError, or the reason of its signal. A TypeError, RangeError or
 * URIError (half of a surrogate pair) says that its arguments cannot be sent, and nothing was. What the
 * store's `get` throws comes as it is.
 */
export interface Client {
  /**
   * Calls any operation of the document, with the access token where there is one. A token that has ended
   * is refreshed, once for all calls that wait for it, and the call is repeated once.
   *
   * @example
   * ```ts
   * const { data } = await client.request('GET', '/auth/sessions');
   * await client.request('DELETE', '/auth/sessions/{id}', { params: { id: data.sessions[1].id } });
   * ```
   */
  request<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    ...options: Arguments<M, P>
  ): Promise<AnswerOf<M, P>>;
  signUp(
    account: Schema<'SignUp'>,
    options?: CallOptions,
  ): Promise<Answer<201, Schema<'SignedUpUser'>>>;
  /**
   * Once it is aborted, or `logOut` is called, it logs nobody in: it fails, with an `AbortError` in the
   * case of `logOut`, and a session that it learns of is ended at the server, if that can be had.
   *
   * @param username email address or phone number
   */
  logIn(username: string, password: string, options?: CallOptions): Promise<void>;
  /** Forgets the tokens, then tells the server to end the session. */
  logOut(options?: CallOptions): Promise<LogOut>;
  /** Stores the tokens of a login that came by another operation, such as a sign-up by phone number. */
  adoptTokens(tokens: NewTokens): Promise<void>;
  getProfile(options?: CallOptions): Promise<Answer<200, Schema<'Profile'>>>;
  /** @param options `ifMatch`: the `etag` of the profile that you change; 412 if it has changed since */
  updateProfile(
    changes: Schema<'ProfileUpdate'>,
    options?: CallOptions & { readonly ifMatch?: string | undefined },
  ): Promise<Answer<200, Schema<'Profile'>>>;
}

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
  if (/[?#]/.test(options.baseUrl)) throw new TypeError('baseUrl cannot have a query');
  checkTimeout(timeout);
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
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
      // The limit is the refresh's own: no caller that gives up ends it for the others.
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

  const request: Client['request'] = async (method, path, ...[given]) => {
    // What the document requires and allows, the types have seen to; here it is parts of a request.
    const { signal, timeout: limit, ...parts }: CallOptions & RequestParts = given ?? {};
    const prepared = toRequest(method, path, parts);
    const answer = await within({ signal, timeout: limit }, (inner) => sendAsUser(prepared, inner));
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
        const isWanted = () => !signal.aborted && logOuts === before;
        if (await session.begin(tokens, isWanted)) return;
        // Who has given up is not to find themselves logged in, here or in the list of sessions.
        within(undefined, (own) => endSession(tokens, own)).catch(() => {});
        throw reasonOf(undefined);
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
