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
   * Where the API is, such as `https://api.example.com`. Empty for the origin of the page. With `http:`
   * it must be this machine: `localhost`, `127.0.0.1` or `[::1]`.
   */
  readonly baseUrl: string;
  /**
   * Allows `http:` on other machines, where anybody on the way reads passwords and tokens: for a phone
   * that calls a developer's machine. Default: `false`.
   */
  readonly allowInsecure?: boolean | undefined;
  /** Where tokens are kept. Default: in memory. */
  readonly tokens?: TokenStore | undefined;
  /** Default: the platform's. */
  readonly fetch?: Fetch | undefined;
  /** For a store that other tabs share. Default: `navigator.locks`, where there is one. */
  readonly locks?: Locks | undefined;
  /** Milliseconds for a call, 1 to 600000. Default: 30000. */
  readonly timeout?: number | undefined;
  /** True if cookies go along. The API has none; a proxy in front of it may. Default: `omit`. */
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
  /** The server has ended the session, or rejected its refresh token as expired; or no user was logged in. */
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
   * Once it is aborted, or `logOut` is called, it does not log in: it fails, with an `AbortError` in the
   * case of `logOut`, and a session that it learns of is ended at the server, if that can be had.
   *
   * @param username email address or phone number
   */
  logIn(username: string, password: string, options?: CallOptions): Promise<void>;
  /** Deletes the tokens, then asks the server to end the session. */
  logOut(options?: CallOptions): Promise<LogOut>;
  /** Stores the tokens of a login that came by another operation, such as a sign-up by phone number. */
  adoptTokens(tokens: NewTokens): Promise<void>;
  /**
   * Changes the password. The server ends every session of the user and starts a new one; its tokens are stored,
   * by `request` too. Where the answer is lost, the login may be over: log in with the new password, or the
   * old one.
   */
  changePassword(change: Schema<'PasswordChange'>, options?: CallOptions): Promise<void>;
  getProfile(options?: CallOptions): Promise<Answer<200, Schema<'Profile'>>>;
  /** @param options `ifMatch`: the `etag` of the profile that you change; 412 if it has changed since */
  updateProfile(
    changes: Schema<'ProfileUpdate'>,
    options?: CallOptions & { readonly ifMatch?: string | undefined },
  ): Promise<Answer<200, Schema<'Profile'>>>;
}
