import { isolated } from './callback.ts';
import type { Exclusive } from './exclusive.ts';
import type { KeptTokens } from './kept-tokens.ts';
import type { TokenStore, Tokens } from './tokens.ts';

/** The client's stored login, without the refresh token, which only the client may use. */
export interface ClientSession {
  /** Stays the same across refreshes, and differs from login to login. Not the id of the server's session. */
  readonly login: string;
  readonly accessToken: string;
  /** When the access token expires, in milliseconds since 1970. A hint: the device's clock may be wrong. */
  readonly expiresAt: number;
}

/** A change to the client's stored login. */
export interface SessionChange {
  /**
   * `lost`: the server ended the session, or another tab logged out. `login` and `refresh` may have happened in
   * another tab.
   */
  readonly type: 'login' | 'refresh' | 'logout' | 'lost';
  /** `undefined` after `logout` and `lost`. */
  readonly session: ClientSession | undefined;
}

export type SessionListener = (change: SessionChange) => void;

/** The listeners of a client. Remembers which tokens were announced last. */
export interface Changes {
  announce(type: SessionChange['type'], tokens?: Tokens): void;
  /** Adds a listener. Returns the function that removes it. */
  subscribe(listener: SessionListener): () => void;
}

interface ChangesOptions {
  readonly store: TokenStore;
  readonly kept: KeptTokens;
  /** Serializes changes to the store. */
  readonly storing: Exclusive;
  readonly onStoreError: (error: unknown) => void;
}

export const toClientSession = ({ login, accessToken, expiresAt }: Tokens): ClientSession => ({
  login,
  accessToken,
  expiresAt,
});

export function createChanges({ store, kept, storing, onStoreError }: ChangesOptions): Changes {
  const listeners = new Set<SessionListener>();
  let known: Tokens | undefined;
  let unsubscribe: (() => void) | undefined;

  function announce(type: SessionChange['type'], tokens?: Tokens): void {
    const isKnown = type === 'lost' && known === undefined;
    known = tokens;
    if (isKnown) return;
    const session = tokens && toClientSession(tokens);
    for (const listener of [...listeners]) listener({ type, session });
  }

  /** Waits for this client's own writes, so that it never reads a value that one of them is about to replace. */
  const inTurn = (see: (tokens: Tokens | undefined) => void): void => {
    storing(async () => see(await kept.get())).catch(onStoreError);
  };

  function onExternalChange(): void {
    inTurn((tokens) => {
      if (tokens?.accessToken === known?.accessToken) return;
      if (!tokens) announce('lost');
      else announce(tokens.login === known?.login ? 'refresh' : 'login', tokens);
    });
  }

  function start(): void {
    inTurn((tokens) => {
      known = tokens;
    });
    unsubscribe = store.subscribe?.(onExternalChange);
  }

  return {
    announce,
    subscribe(listener) {
      // Wrapped, so that the same function can be added twice and removed once.
      const own = isolated(listener);
      if (listeners.size === 0) start();
      listeners.add(own);
      return () => {
        if (listeners.delete(own) && listeners.size === 0) unsubscribe?.();
      };
    },
  };
}
