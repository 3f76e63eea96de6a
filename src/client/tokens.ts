import type { WebStorage } from './platform.ts';

/** What the client keeps of a login. Store it whole; only the client reads it. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token ends, in milliseconds since 1970 by this device's clock: a hint, no more. */
  readonly expiresAt: number;
  /** Names the login, the same through all its refreshes, so that no call goes over to another user. */
  readonly login: string;
}

/** Where tokens are kept. Each may be synchronous or not. */
export interface TokenStore {
  get(): Tokens | undefined | Promise<Tokens | undefined>;
  /** `undefined` removes them. */
  set(tokens: Tokens | undefined): void | Promise<void>;
  /**
   * Names the store where other tabs or threads have the same one: they then take turns, by Web Locks.
   * Left out, it is this client's own.
   */
  readonly sharedAs?: string | undefined;
}

/** Keeps tokens until the page or process ends. The safest there is in a browser. */
export function memoryTokens(): TokenStore {
  let kept: Tokens | undefined;
  return {
    get: () => kept,
    set(tokens) {
      kept = tokens;
    },
  };
}

/**
 * Keeps tokens in `localStorage` or `sessionStorage`, where every script of the page can read them. A
 * value that is damaged counts as none.
 *
 * @param key the item's name; in `localStorage`, other tabs with the same one share the login
 */
export function webStorageTokens(storage: WebStorage, key = 'latchkey'): TokenStore {
  return {
    get: () => parseTokens(storage.getItem(key)),
    set(tokens) {
      if (tokens) storage.setItem(key, JSON.stringify(tokens));
      else storage.removeItem(key);
    },
    sharedAs: isOfTab(storage) ? undefined : key,
  };
}

/** True if it is the storage of one tab, which has no other tab to wait for. */
function isOfTab(storage: WebStorage): boolean {
  try {
    return storage === Reflect.get(globalThis, 'sessionStorage');
  } catch {
    // A page that may not touch it has not handed it over.
    return false;
  }
}

/** Reads tokens that were stored as JSON: for a store of your own. What is damaged counts as none. */
export function parseTokens(text: string | null | undefined): Tokens | undefined {
  try {
    const value: Partial<Tokens> | null = JSON.parse(text ?? 'null');
    const { accessToken, refreshToken, expiresAt, login } = value ?? {};
    const isWhole =
      typeof accessToken === 'string' &&
      typeof refreshToken === 'string' &&
      typeof expiresAt === 'number' &&
      typeof login === 'string';
    return isWhole ? { accessToken, refreshToken, expiresAt, login } : undefined;
  } catch {
    return undefined;
  }
}
