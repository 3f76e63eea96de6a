import { createAdministration } from './administration.ts';
import { isolated, unhandled } from './callback.ts';
import { createCalls, isUnauthorized } from './calls.ts';
import { createChanges, toClientSession } from './changes.ts';
import { reasonOf, withDeadline } from './deadline.ts';
import { createDevices } from './devices.ts';
import { createQueue, createWebLocks, type Exclusive } from './exclusive.ts';
import {
  type AnyAnswer,
  createSend,
  type HttpRequest,
  type RequestParts,
  toBaseUrl,
  toRequest,
} from './http.ts';
import { createKeptTokens } from './kept-tokens.ts';
import { ACCEPTED, createLogins, type Logins } from './logins.ts';
import { newLoginName, readEnvelope, readTokens, toTokens } from './new-tokens.ts';
import type { AnswerOf, CallOptions, Request } from './operation.ts';
import { createOwnAccount } from './own-account.ts';
import type { AbortSignalLike, Fetch } from './platform.ts';
import { createRecovery } from './recovery.ts';
import { createSession } from './session.ts';
import { memoryTokens } from './tokens.ts';
import type { Client, ClientOptions } from './types.ts';

export type { Administration, PageOptions } from './administration.ts';
export type { ClientSession, SessionChange, SessionListener } from './changes.ts';
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
  BlobLike,
  Fetch,
  FetchInit,
  Locks,
  WebStorage,
} from './platform.ts';
export type { Channel, LinkOrCode, Recovery, VerificationProof } from './recovery.ts';
export type { ErrorCode } from './schema.ts';
export {
  type DeviceStorage,
  memoryTokens,
  parseTokens,
  type SecureStore,
  secureStoreTokens,
  type TokenStore,
  type Tokens,
  webStorageTokens,
} from './tokens.ts';
export type { Client, ClientOptions, LogOut, Reauthentication, Versioned } from './types.ts';

const PASSWORD_CHANGE = '/auth/password/change';
const ACCOUNT = '/profile/me';
const REAUTHENTICATION = '/auth/reauthenticate';
const MAX_TIMEOUT_MS = 600_000;
/**
 * The timeout of each attempt. Both attempts must end while the server still accepts the token that the first one sent.
 */
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
  const { locks = globalThis.navigator?.locks, credentials = 'omit' } = options;
  const onStoreError = isolated(options.onStoreError ?? unhandled);
  const baseUrl = toBaseUrl(options.baseUrl, options.allowInsecure === true);
  checkTimeout(timeout);
  // Looked up on every call, since instrumentation and test tools replace it.
  const fetch: Fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const send = createSend({ baseUrl, fetch, credentials });
  const lockOf = (kind: string): Exclusive | undefined =>
    store.sharedAs !== undefined && locks
      ? createWebLocks(locks, `latchkey-${kind}-${store.sharedAs}@${baseUrl}`)
      : undefined;
  const kept = createKeptTokens(store, onStoreError);
  const storing = lockOf('store') ?? createQueue();
  const devices = createDevices({ store, storing, onStoreError });
  const changes = createChanges({ store, kept, storing, onStoreError });
  const session = createSession({
    store: kept,
    storing,
    // A store that is not shared needs no lock: the session itself shares one refresh among its callers.
    refreshing: lockOf('refresh') ?? ((task) => task()),
    rotate: ({ refreshToken, login }) => {
      const request = toRequest('POST', '/auth/refresh', { body: { refresh_token: refreshToken } });
      // The refresh has its own timeout, so that a caller's abort does not cancel it for the other callers.
      return withDeadline(Math.min(timeout, REFRESH_TIMEOUT_MS), undefined, async (signal) =>
        readTokens(await send(request, signal), login),
      );
    },
    onSignedOut: isolated(onSignedOut),
    announce: changes.announce,
  });
  const { sendAsUser, endSession } = createCalls(send, session);

  const runCall = <Result>(
    callOptions: CallOptions | undefined,
    task: (signal: AbortSignalLike) => Promise<Result>,
  ): Promise<Result> => {
    const limit = callOptions?.timeout ?? timeout;
    checkTimeout(limit);
    return withDeadline(limit, callOptions?.signal, task);
  };

  const logins = createLogins({ send, devices, session, endSession, runCall });

  /** What else an operation does: its answer replaces the tokens, or ends their use. */
  function wrapperOf(method: string, path: string): Logins['replacing'] {
    if (path === PASSWORD_CHANGE) return logins.replacing;
    if (path === REAUTHENTICATION) return logins.updating;
    return method === 'DELETE' && path === ACCOUNT ? logins.leaving : (send) => send;
  }

  const callWith =
    (sendBy: (request: HttpRequest, signal: AbortSignalLike) => Promise<AnyAnswer>): Request =>
    async (method, path, ...[given]) => {
      // The parameter types have checked the options against the document. The code below treats them as untyped parts.
      const { signal, timeout: limit, ...parts }: CallOptions & RequestParts = given ?? {};
      const prepared = toRequest(method, path, parts);
      const send = (inner: AbortSignalLike) => sendBy(prepared, inner);
      const answer = await runCall({ signal, timeout: limit }, wrapperOf(method, path)(send));
      // The assertion holds as long as the server conforms to its document.
      return answer as AnswerOf<typeof method, typeof path>;
    };

  const request = callWith(sendAsUser);

  async function startByPhone<P extends '/api/v1/auth/signup' | '/api/v1/auth/login'>(
    path: P,
    { phone, email, ...body }: PhoneLogin,
    callOptions: CallOptions | undefined,
  ): Promise<AnswerOf<'POST', P>> {
    const login = {
      name: phone ?? email ?? undefined,
      build: (device_token: string | undefined) =>
        toRequest('POST', path, { body: { device_token, phone, email, ...body } }),
    };
    // The assertion holds as long as the server conforms to its document.
    return (await logins.start(login, callOptions, readEnvelope)) as AnswerOf<'POST', P>;
  }

  const logIn: Client['logIn'] = async (username, password, callOptions) => {
    const build = (device_token: string | undefined) =>
      toRequest('POST', '/auth/login', { form: { username, password, device_token } });
    await logins.start({ name: username, build }, callOptions);
  };

  return {
    request,
    ...createRecovery({
      request,
      requestOpen: callWith(send),
      async logInByCode(body, callOptions) {
        const build = (device_token: string | undefined) =>
          toRequest('POST', '/auth/code/login', { body: { device_token, ...body } });
        const name = 'username' in body ? body.username : undefined;
        await logins.start({ name, build }, callOptions);
      },
    }),
    ...createAdministration(request),
    onChange: changes.subscribe,

    async getSession() {
      const tokens = await session.read();
      return tokens && toClientSession(tokens);
    },

    async signUp(account, { login = false, ...callOptions } = {}) {
      const isCurrent = logins.watch();
      const answer = await request('POST', '/auth/signup', { ...callOptions, body: account });
      // A `logOut` that was called meanwhile takes precedence, as it does over a login.
      const isDue = login && answer.status !== ACCEPTED;
      if (isDue && !isCurrent()) throw reasonOf(undefined);
      if (isDue) await logIn(account.email, account.password, callOptions);
      return answer;
    },

    logIn,

    async logOut(callOptions) {
      logins.leave();
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

    refreshTokens: (callOptions) =>
      runCall(callOptions, async (signal) => {
        const tokens = await session.read();
        const next = tokens && (await session.renew(tokens, signal));
        return next && toClientSession(next);
      }),

    async changePassword(change, callOptions) {
      await request('POST', PASSWORD_CHANGE, { ...callOptions, body: change });
    },

    async reauthenticate(proof, callOptions) {
      const tokens = await session.read();
      const device_token = tokens && (await devices.ofLogin(tokens.login));
      await request('POST', REAUTHENTICATION, {
        ...callOptions,
        body: { ...proof, ...(device_token !== undefined && { device_token }) },
      });
    },

    ...createOwnAccount(request),

    signUpByPhone: (account, callOptions) =>
      startByPhone('/api/v1/auth/signup', account, callOptions),

    logInByPhone: (credentials, callOptions) =>
      startByPhone('/api/v1/auth/login', credentials, callOptions),

    getProfileByPhone: (callOptions) => request('GET', '/api/v1/user/profile', callOptions),
    getPublicKeys: (callOptions) => request('GET', '/.well-known/jwks.json', callOptions),
    getHealth: (callOptions) => request('GET', '/healthz', callOptions),
    getReadiness: (callOptions) => request('GET', '/readyz', callOptions),
  };
}

/** What the logins and sign-ups of the phone contract have in common. */
interface PhoneLogin {
  readonly phone?: string | null | undefined;
  readonly email?: string | null | undefined;
}

function checkTimeout(milliseconds: number): void {
  if (milliseconds >= 1 && milliseconds <= MAX_TIMEOUT_MS) return;
  throw new RangeError(`timeout must be 1 to ${MAX_TIMEOUT_MS} milliseconds`);
}
