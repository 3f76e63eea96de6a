import type { WebStorage } from './platform.ts';

/** The tokens of a login. Opaque to the app: store the whole object. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the access token expires, in milliseconds since 1970. A hint: the device's clock may be wrong. */
  readonly expiresAt: number;
  /** Identifies the login across refreshes, so that a call never continues with the tokens of another user. */
  readonly login: string;
}

/** Stores tokens. Both methods may be synchronous or asynchronous. */
export interface TokenStore {
  get(): Tokens | undefined | Promise<Tokens | undefined>;
  /** `undefined` deletes the tokens. */
  set(tokens: Tokens | undefined): void | Promise<void>;
  /**
   * The name of a store that other tabs or threads share. Their clients then take turns, by Web Locks. Leave it out
   * if only this client uses the store.
   */
  readonly sharedAs?: string | undefined;
}

/** Keeps tokens in memory until the page or process ends. The safest store in a browser. */
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
 * Keeps tokens in `localStorage` or `sessionStorage`, where every script of the page can read them. A damaged value
 * is treated as no tokens.
 *
 * @param key the item's name; in `localStorage`, tabs with the same key share the login
 */
export function webStorageTokens(storage: WebStorage, key = 'latchkey'): TokenStore {
  return {
    get: () => parseTokens(storage.getItem(key)),
    set(tokens) {
      if (tokens) storage.setItem(key, JSON.stringify(tokens));
      else storage.removeItem(key);
    },
    sharedAs: isSessionStorage(storage) ? undefined : key,
  };
}

/** Each tab has its own `sessionStorage`, so its client need not wait for other tabs. */
function isSessionStorage(storage: WebStorage): boolean {
  try {
    return storage === Reflect.get(globalThis, 'sessionStorage');
  } catch {
    // The getter throws if the page may not use `sessionStorage`; then `storage` cannot be it.
    return false;
  }
}

/** Parses tokens that your own store saved as JSON. Returns `undefined` if the text is damaged. */
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
