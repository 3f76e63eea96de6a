import type { ProblemError } from './errors.ts';
import type { NewTokens } from './new-tokens.ts';
import type {
  Answer,
  AnswerOf,
  Arguments,
  CallOptions,
  Method,
  PathOf,
  Schema,
} from './operation.ts';
import type { Fetch, FetchInit, Locks } from './platform.ts';
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
   * Called with an error of the store's `set`. The client keeps the unwritten tokens in memory until a `set`
   * succeeds. Default: an unhandled rejection.
   */
  readonly onStoreError?: ((error: unknown) => void) | undefined;
}

/** The result of a logout. The client has deleted the tokens in either case. */
export type LogOut =
  /** The server ended the session or rejected its refresh token as invalid, or no user was logged in. */
  | { readonly revoked: true }
  /** The request failed, so the server may keep the session until its idle timeout. */
  | { readonly revoked: false; readonly error: unknown };

/**
 * Every call throws ProblemError, NetworkError, or the reason of its signal. A TypeError, RangeError or URIError (a
 * lone surrogate) means that the arguments are invalid and nothing was sent. Errors of the store's `get` are passed
 * through.
 */
export interface Client {
  /**
   * Calls any operation of the OpenAPI document, with the access token if a user is logged in. Refreshes an expired
   * token, once for all waiting calls, and retries the call once.
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
  /** Creates an account. Does not log in. */
  signUp(
    account: Schema<'SignUp'>,
    options?: CallOptions,
  ): Promise<Answer<201, Schema<'SignedUpUser'>>>;
  /**
   * Logs in. If it is aborted, or `logOut` is called meanwhile, it stores no tokens and throws (an `AbortError` in the
   * case of `logOut`). If the server has created a session by then, the client tries to end it.
   *
   * @param username email address or phone number
   */
  logIn(username: string, password: string, options?: CallOptions): Promise<void>;
  /** Deletes the tokens, then asks the server to end the session. */
  logOut(options?: CallOptions): Promise<LogOut>;
  /** Stores the tokens that another operation returned, such as a sign-up by phone number. */
  adoptTokens(tokens: NewTokens): Promise<void>;
  /**
   * Changes the password. The server ends every session of the user and starts a new one, whose tokens the client
   * stores, also if the operation is called by `request`. If the answer is lost, the login may have ended: log in with
   * the new password, or with the old one if that fails.
   */
  changePassword(change: Schema<'PasswordChange'>, options?: CallOptions): Promise<void>;
  getProfile(options?: CallOptions): Promise<Answer<200, Schema<'Profile'>>>;
  /** @param options `ifMatch`: the `etag` of the profile to change; the call throws a 412 if it has changed since */
  updateProfile(
    changes: Schema<'ProfileUpdate'>,
    options?: CallOptions & { readonly ifMatch?: string | undefined },
  ): Promise<Answer<200, Schema<'Profile'>>>;
}
