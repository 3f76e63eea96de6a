import type { Administration } from './administration.ts';
import type { ClientSession, SessionListener } from './changes.ts';
import type { ProblemError } from './errors.ts';
import type { NewTokens } from './new-tokens.ts';
import type {
  Answer,
  AnswerOf,
  Arguments,
  CallOptions,
  Method,
  Options,
  PathOf,
  Schema,
} from './operation.ts';
import type { BlobLike, Fetch, FetchInit, Locks } from './platform.ts';
import type { Recovery } from './recovery.ts';
import type { TokenStore } from './tokens.ts';

export interface ClientOptions {
  /**
   * The URL of the API, such as `https://api.example.com`. Empty for the origin of the page. With `http:`, the host
   * must be this machine: `localhost`, `127.0.0.1` or `[::1]`.
   */
  readonly baseUrl: string;
  /**
   * Allows `http:` to other machines, which exposes passwords and tokens to the network. Meant for a phone that calls
   * a developer's machine. Default: `false`.
   */
  readonly allowInsecure?: boolean | undefined;
  /** Stores the tokens. Default: in memory. */
  readonly tokens?: TokenStore | undefined;
  /** Sends the requests. Default: the platform's `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Coordinates clients that share a store across tabs. Default: `navigator.locks`, if the platform has it. */
  readonly locks?: Locks | undefined;
  /** Timeout of a call in milliseconds, 1 to 600000. Default: 30000. */
  readonly timeout?: number | undefined;
  /** Whether to send cookies. The API uses none; a proxy in front of it may. Default: `omit`. */
  readonly credentials?: FetchInit['credentials'] | undefined;
  /**
   * Called once when a call finds that the login has ended: the server ended the session, or another client emptied
   * the shared store. Not called for this client's own `logOut`. An exception in the callback becomes an unhandled
   * rejection and does not change how the call fails.
   */
  readonly onSignedOut?: ((error: ProblemError) => void) | undefined;
  /**
   * Called with an error of the store's `set`, or of a `get` that no call waits for. The client keeps the unwritten
   * tokens in memory until a `set` succeeds. Default: an unhandled rejection.
   */
  readonly onStoreError?: ((error: unknown) => void) | undefined;
}

/** The result of a logout. The client has deleted the tokens in either case. */
export type LogOut =
  /** The server ended the session or rejected its refresh token as invalid, or no user was logged in. */
  | { readonly revoked: true }
  /** The request failed, so the server may keep the session until its idle timeout. */
  | { readonly revoked: false; readonly error: unknown };

/** What a re-authentication proves the user by: the password, or a code that was sent for it. */
export type Reauthentication = { readonly password: string } | { readonly code: string };

/** Options of a profile change. */
export interface Versioned extends CallOptions {
  /** The `etag` of the profile to change. The call throws a 412 if the profile has changed since. */
  readonly ifMatch?: string | undefined;
}

/**
 * Every call throws ProblemError, NetworkError, or the reason of its signal. A TypeError, RangeError or URIError (a
 * lone surrogate) means that the arguments are invalid and nothing was sent. Errors of the store's `get` are passed
 * through.
 */
export interface Client extends Recovery, Administration {
  /**
   * Calls any operation of the OpenAPI document, with the access token if a user is logged in. Refreshes an expired
   * token, once for all waiting calls, and retries the call once. If the call fails and the document has no such
   * operation, the error's `message` names the closest ones.
   *
   * @example
   * ```ts
   * await client.request('DELETE', '/auth/sessions/{id}', { params: { id } });
   * ```
   */
  request<M extends Method, P extends PathOf<M>>(
    method: M,
    path: P,
    ...options: Arguments<M, P>
  ): Promise<AnswerOf<M, P>>;
  /** Returns the login in the store, `undefined` if there is none. Sends nothing. */
  getSession(): Promise<ClientSession | undefined>;
  /**
   * Calls the listener after each login, refresh, logout and loss of the session. These may be events of this client,
   * or of other tabs if the store implements `subscribe`, such as `webStorageTokens(localStorage)`. An exception in the
   * listener becomes an unhandled rejection.
   *
   * @returns the function that removes the listener
   * @example
   * ```ts
   * const stop = client.onChange(({ type, session }) => {
   *   console.log(type, session ? 'logged in' : 'logged out');
   * });
   * ```
   */
  onChange(listener: SessionListener): () => void;
  /**
   * Creates an account. With status 202, the server does not tell whether it has: the user gets a message that says how to
   * go on, and is not logged in. That depends on the server's settings `SIGNUP_MODE` and `REQUIRE_VERIFIED`.
   *
   * @param options `login`: also logs in to the new account; each of the two requests has its own `timeout`. If the
   *   call then throws, the account may exist: another sign-up throws `email_taken`, and `logIn` works
   */
  signUp(
    account: Schema<'SignUp'>,
    options?: CallOptions & { readonly login?: boolean | undefined },
  ): Promise<AnswerOf<'POST', '/auth/signup'>>;
  /**
   * Logs in. If the call is aborted, or `logOut` is called meanwhile, it stores no tokens and throws (an `AbortError`
   * in the case of `logOut`). If the server has already created a session, the client tries to end that session.
   *
   * Every login sends the token of this device, and stores the one in the answer. A logout keeps it.
   *
   * @param username email address or phone number
   */
  logIn(username: string, password: string, options?: CallOptions): Promise<void>;
  /** Deletes the tokens, then asks the server to end the session. */
  logOut(options?: CallOptions): Promise<LogOut>;
  /** Stores the tokens of a session that another program started, such as your own server. */
  adoptTokens(tokens: NewTokens): Promise<void>;
  /**
   * Refreshes the tokens now. Other calls refresh when necessary, so an app needs this only to pass the access
   * token to other code. Returns `undefined` if no user is logged in.
   */
  refreshTokens(options?: CallOptions): Promise<ClientSession | undefined>;
  /**
   * Changes the password. The server ends every session of the user and starts a new one. The client stores the tokens
   * of the new session, also if the operation is called by `request`. If the response is lost, the login may have
   * ended: log in with the new password or, if that fails, with the old one.
   */
  changePassword(change: Schema<'PasswordChange'>, options?: CallOptions): Promise<void>;
  /**
   * Proves again who the user is, after a call threw the ProblemError `reauthentication_required`; repeat that call then.
   * The session stays the same. The client stores the new access token, also if the operation is called by `request`.
   */
  reauthenticate(proof: Reauthentication, options?: CallOptions): Promise<void>;
  /** Returns the session of this login, its user and their roles, as the server knows them now. */
  getOwnSession(options?: CallOptions): Promise<AnswerOf<'GET', '/auth/session'>>;
  /** Returns the user's sessions that have not ended, the newest first. */
  listSessions(options?: CallOptions): Promise<AnswerOf<'GET', '/auth/sessions'>>;
  /** Ends one of the user's sessions. To end the client's own session, call `logOut`. */
  endSession(id: string, options?: CallOptions): Promise<Answer<204, undefined>>;
  /** @param options `all`: ends this session as well; the next call then reports that the login has ended */
  endSessions(
    options?: CallOptions & { readonly all?: boolean | undefined },
  ): Promise<Answer<204, undefined>>;
  /** Returns the devices that logins of this user are recognized on, the last used first. */
  listDevices(options?: CallOptions): Promise<AnswerOf<'GET', '/auth/devices'>>;
  /** Removes one of the user's devices: its token has no effect from the next login on. Its sessions continue. */
  removeDevice(id: string, options?: CallOptions): Promise<Answer<204, undefined>>;
  /** @param options `cursor`: the `next_cursor` of the previous page */
  listActivity(
    options?: CallOptions & { readonly cursor?: string | undefined },
  ): Promise<AnswerOf<'GET', '/auth/activity'>>;
  getProfile(options?: CallOptions): Promise<Answer<200, Schema<'Profile'>>>;
  /** Changes the profile. If a member is missing or null, the field keeps its value. */
  updateProfile(
    changes: Schema<'ProfileUpdate'>,
    options?: Versioned,
  ): Promise<Answer<200, Schema<'Profile'>>>;
  /** Changes the profile. If a member is missing, the field keeps its value; null clears the field (RFC 7396). */
  patchProfile(
    changes: Schema<'ProfilePatch'>,
    options?: Versioned,
  ): Promise<Answer<200, Schema<'Profile'>>>;
  /**
   * Sets the picture: a `Blob` or `File` whose `type` is `image/png`, `image/jpeg` or `image/webp`, at most 5 MB. Throws
   * the ProblemError `invalid_image` for what the service does not accept.
   */
  setAvatar(file: BlobLike, options?: CallOptions): Promise<Answer<200, Schema<'Profile'>>>;
  removeAvatar(options?: CallOptions): Promise<void>;
  /**
   * Deletes the account, and then the tokens. Throws the ProblemError `reauthentication_required` if the last login was
   * more than 10 minutes ago.
   */
  deleteAccount(options?: CallOptions): Promise<void>;
  /**
   * Returns everything that is stored about the account. Throws the ProblemError `reauthentication_required` as
   * `deleteAccount` does, and a NetworkError or the ProblemError `unexpected_answer` if the session ends meanwhile.
   */
  exportAccount(options?: CallOptions): Promise<Answer<200, Schema<'AccountExport'>>>;
  /**
   * Creates an account by phone number and logs in to it, except with status 202, as for `signUp`. An abort or a `logOut`
   * has the same effect as for `logIn`.
   */
  signUpByPhone(
    account: Options<'POST', '/api/v1/auth/signup'>['body'],
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/api/v1/auth/signup'>>;
  /** Same as `logIn`, by the phone contract. `logIn` accepts phone numbers as well. */
  logInByPhone(
    credentials: Options<'POST', '/api/v1/auth/login'>['body'],
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/api/v1/auth/login'>>;
  getProfileByPhone(options?: CallOptions): Promise<AnswerOf<'GET', '/api/v1/user/profile'>>;
  /** Returns the public keys that verify access tokens (RFC 7517). */
  getPublicKeys(options?: CallOptions): Promise<AnswerOf<'GET', '/.well-known/jwks.json'>>;
  /** Liveness probe: resolves if the server's process is up. */
  getHealth(options?: CallOptions): Promise<AnswerOf<'GET', '/healthz'>>;
  /** Readiness probe: resolves if the server can reach its database, and throws a 503 otherwise. */
  getReadiness(options?: CallOptions): Promise<AnswerOf<'GET', '/readyz'>>;
}
