import type { Changes, SessionChange } from './changes.ts';
import { settlesWithin } from './deadline.ts';
import { NetworkError, ProblemError } from './errors.ts';
import type { Exclusive } from './exclusive.ts';
import type { KeptTokens } from './kept-tokens.ts';
import type { AbortSignalLike } from './platform.ts';
import type { Tokens } from './tokens.ts';

interface SessionOptions {
  readonly store: KeptTokens;
  /** Serializes changes to the store. */
  readonly storing: Exclusive;
  /** Serializes refreshes, across all clients that share the store. */
  readonly refreshing: Exclusive;
  /** Requests new tokens from the server, without a retry. */
  readonly rotate: (tokens: Tokens) => Promise<Tokens>;
  readonly onSignedOut: (error: ProblemError) => void;
  readonly announce: Changes['announce'];
}

/** The login in the store, and the refreshes that keep it alive. */
export interface Session {
  read(): Promise<Tokens | undefined>;
  /**
   * Stores a new login, even while a refresh of an old one is in flight. Checks `isWanted` before and after the write;
   * if it is false, leaves or restores the previous tokens and returns false.
   */
  begin(tokens: Tokens, isWanted: () => boolean): Promise<boolean>;
  /**
   * Stores the new access token of this login. Keeps the refresh token of a refresh that has ended since `old` was read:
   * the server accepts an older one for a few seconds only. Returns false if the store no longer holds this login.
   */
  update(old: Tokens, next: Tokens): Promise<boolean>;
  /**
   * Deletes the tokens. Returns those that were stored.
   *
   * @param login if given, deletes only the tokens of this login
   */
  end(login?: string): Promise<Tokens | undefined>;
  /** Refreshes tokens without touching the store. */
  exchange(tokens: Tokens): Promise<Tokens>;
  /**
   * Returns tokens that replace expired or rejected ones: newer ones from the store, or refreshed ones. Concurrent
   * callers share one refresh. Returns `undefined` if the store no longer holds this login, or the signal is aborted.
   *
   * @throws ProblemError `invalid_refresh_token` if the login has ended; the store is then empty. Any other error
   *   leaves the store unchanged.
   */
  renew(stale: Tokens, signal: AbortSignalLike): Promise<Tokens | undefined>;
  /**
   * Calls `onSignedOut` if the store is empty because another tab ended the login.
   *
   * @param error the error of the failed call
   */
  reportMissing(error: ProblemError): Promise<void>;
}

/** A refresh in flight. */
interface PendingRefresh {
  /** The access token that it replaces. */
  readonly replaces: string;
  readonly since: number;
  readonly tokens: Promise<Tokens | undefined>;
}

/**
 * How long callers share a refresh in flight before they start another one. One second longer than the lock's timeout.
 */
const MAX_SHARED_MS = 5000;

export function createSession(options: SessionOptions): Session {
  const { store, storing, refreshing, rotate, onSignedOut, announce } = options;
  let pending: PendingRefresh | undefined;
  /** The login that the store held last. */
  let lastSeen: string | undefined;
  /** The login that this client left by `logOut`, or last reported to `onSignedOut`. */
  let ended: string | undefined;

  async function read(): Promise<Tokens | undefined> {
    const tokens = await store.get();
    lastSeen = tokens?.login ?? lastSeen;
    return tokens;
  }

  function reportSignedOut(error: ProblemError): void {
    announce('lost');
    if (lastSeen === ended) return;
    ended = lastSeen;
    onSignedOut(error);
  }

  /** Replaces `old` only if the store still holds it. Returns the tokens that the store holds afterwards. */
  const replace = (old: Tokens, next: Tokens | undefined, type?: SessionChange['type']) =>
    storing(async () => {
      const current = await store.get();
      if (current?.refreshToken !== old.refreshToken) return { isReplaced: false, tokens: current };
      await store.set(next);
      // Serialized with the other changes to the store, so that listeners are called in the order of the changes.
      if (type) announce(type, next);
      return { isReplaced: true, tokens: next };
    });

  async function refresh(stale: Tokens): Promise<Tokens | undefined> {
    const current = await read();
    if (current?.accessToken !== stale.accessToken) return ifSameLogin(stale, current);
    const next = await rotate(current).catch(rejectionOf);
    const hasEnded = next instanceof ProblemError;
    const { isReplaced, tokens } = hasEnded
      ? await replace(current, undefined, 'lost')
      : await replace(current, next, 'refresh');
    if (!hasEnded || !isReplaced) return ifSameLogin(stale, tokens);
    reportSignedOut(next);
    throw next;
  }

  function startRefresh(stale: Tokens): Promise<Tokens | undefined> {
    // Each attempt reads the store again, because another tab may have refreshed while this one was suspended.
    const tokens = refreshing(() => withRetry(() => refresh(stale))).finally(() => {
      if (pending?.tokens === tokens) pending = undefined;
    });
    pending = { replaces: stale.accessToken, since: Date.now(), tokens };
    return tokens;
  }

  return {
    read,
    async begin(tokens, isWanted) {
      const before = await storing(async () => {
        const current = await read();
        if (isWanted()) await store.set(tokens);
        return current;
      });
      if (!isWanted()) {
        await replace(tokens, before);
        return false;
      }
      lastSeen = tokens.login;
      announce(tokens.login === before?.login ? 'refresh' : 'login', tokens);
      return true;
    },
    update: (old, next) =>
      storing(async () => {
        const current = await read();
        if (current?.login !== old.login) return false;
        const isRefreshed = current.refreshToken !== old.refreshToken;
        const tokens = isRefreshed ? { ...next, refreshToken: current.refreshToken } : next;
        await store.set(tokens);
        announce('refresh', tokens);
        return true;
      }),
    end: (login) =>
      storing(async () => {
        const tokens = await read();
        if (login !== undefined && tokens?.login !== login) return undefined;
        ended = lastSeen;
        await store.set(undefined);
        if (tokens) announce('logout');
        return tokens;
      }),
    exchange: (tokens) => withRetry(() => rotate(tokens)),
    async renew(stale, signal) {
      while (!signal.aborted) {
        const wait = pending ? Math.min(0, pending.since - Date.now()) + MAX_SHARED_MS : 0;
        if (pending?.replaces !== stale.accessToken || wait <= 0) return startRefresh(stale);
        const { tokens } = pending;
        if (await settlesWithin(wait, tokens)) return tokens;
      }
      return undefined;
    },
    async reportMissing(error) {
      if (!(await read())) reportSignedOut(error);
    },
  };
}

/** A call that one user started must not continue with another user's tokens. */
const ifSameLogin = ({ login }: Tokens, other: Tokens | undefined): Tokens | undefined =>
  other?.login === login ? other : undefined;

/**
 * Retries a refresh once if its response may have been lost after the server rotated the token. The server accepts the
 * previous token for ten more seconds. The retry must arrive well within that time, because a later reuse ends the
 * session.
 */
const withRetry = <Result>(attempt: () => Promise<Result>): Promise<Result> =>
  attempt().catch((error: unknown) => {
    if (!mayHaveSucceeded(error)) throw error;
    return attempt();
  });

/**
 * True if the server may have processed the request. This includes error pages of a proxy that replace the response.
 */
const mayHaveSucceeded = (error: unknown): boolean =>
  error instanceof NetworkError ||
  (error instanceof ProblemError && (error.code === 'unexpected_answer' || error.status >= 500));

/** True if the server will never accept the refresh token. The server may reject a damaged token as invalid input. */
export const isRejectedToken = (error: unknown): error is ProblemError =>
  error instanceof ProblemError &&
  (error.code === 'invalid_refresh_token' || error.code === 'validation_failed');

function rejectionOf(error: unknown): ProblemError {
  if (isRejectedToken(error)) return error;
  throw error;
}
