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

/** Stores the device tokens as one text, which is opaque to the app. */
export interface DeviceStorage {
  get(): string | null | undefined | Promise<string | null | undefined>;
  set(text: string): void | Promise<void>;
}

/** Stores tokens. Both methods may be synchronous or asynchronous. */
export interface TokenStore {
  get(): Tokens | undefined | Promise<Tokens | undefined>;
  /** `undefined` deletes the tokens. */
  set(tokens: Tokens | undefined): void | Promise<void>;
  /**
   * The name of a store that is shared with other tabs or threads. The clients of a shared store take turns, by Web
   * Locks. Omit the name if only this client uses the store.
   */
  readonly sharedAs?: string | undefined;
  /**
   * Calls the listener when another tab or thread has changed the tokens. Returns the function that removes the
   * listener. Omit it if the store cannot detect such changes. A `BroadcastChannel` is enough for a store of your own.
   */
  readonly subscribe?: ((listener: () => void) => () => void) | undefined;
  /**
   * Stores the device tokens, which outlive a login: a device that the server knows can log in while strangers have
   * locked the account. Omit it to keep them in memory.
   */
  readonly devices?: DeviceStorage | undefined;
}

/** Keeps tokens in memory until the page or process ends. The safest store in a browser. */
export function memoryTokens(): TokenStore {
  let kept: Tokens | undefined;
  let devices: string | undefined;
  return {
    get: () => kept,
    set(tokens) {
      kept = tokens;
    },
    devices: {
      get: () => devices,
      set(text) {
        devices = text;
      },
    },
  };
}

/**
 * Keeps tokens in `localStorage` or `sessionStorage`, where every script of the page can read them. A damaged value
 * is treated as no tokens. The device tokens are in a second item, `KEY.devices`.
 *
 * @param key the item's name; in `localStorage`, tabs with the same key share the login
 */
export function webStorageTokens(storage: WebStorage, key = 'latchkey'): TokenStore {
  const isShared = !isSessionStorage(storage);
  return {
    get: () => parseTokens(storage.getItem(key)),
    set(tokens) {
      if (tokens) storage.setItem(key, JSON.stringify(tokens));
      else storage.removeItem(key);
    },
    sharedAs: isShared ? key : undefined,
    subscribe: isShared ? (listener) => onStorageEvent(storage, key, listener) : undefined,
    devices: {
      get: () => storage.getItem(devicesOf(key)),
      set: (text) => storage.setItem(devicesOf(key), text),
    },
  };
}

/** The name of the item with the device tokens. */
const devicesOf = (key: string): string => `${key}.devices`;

/** Listens for the `storage` event, which a browser sends to the other tabs of the origin. */
function onStorageEvent(storage: WebStorage, key: string, listener: () => void): () => void {
  // Partial: Node has no events on its global object, and React Native has no `storage` event.
  const target: Partial<Pick<typeof globalThis, 'addEventListener' | 'removeEventListener'>> =
    globalThis;
  const onEvent = (event: object): void => {
    const changed: unknown = Reflect.get(event, 'key');
    // The key is null if the other tab has emptied the storage.
    const isOurs = changed === key || changed === null;
    if (isOurs && Reflect.get(event, 'storageArea') === storage) listener();
  };
  target.addEventListener?.('storage', onEvent);
  return () => target.removeEventListener?.('storage', onEvent);
}

/** `expo-secure-store`, or an object with the same methods. */
export interface SecureStore {
  getItemAsync(key: string): Promise<string | null>;
  setItemAsync(key: string, value: string): Promise<void>;
  deleteItemAsync(key: string): Promise<void>;
}

/**
 * Keeps tokens in the iOS Keychain or the Android Keystore, by `expo-secure-store`. Values stay below the 2048 bytes
 * that all versions of iOS accept, unless a server in front of the API issues longer tokens. The device tokens are in a
 * second item, `KEY.devices`.
 *
 * @param key the item's name: letters, digits, `.`, `-` and `_`
 * @example
 * ```ts
 * import * as SecureStore from 'expo-secure-store';
 * const client = createClient({ baseUrl, tokens: secureStoreTokens(SecureStore) });
 * ```
 */
export function secureStoreTokens(secureStore: SecureStore, key = 'latchkey'): TokenStore {
  return {
    get: async () => parseTokens(await secureStore.getItemAsync(key)),
    set: (tokens) =>
      tokens
        ? secureStore.setItemAsync(key, JSON.stringify(tokens))
        : secureStore.deleteItemAsync(key),
    devices: {
      get: () => secureStore.getItemAsync(devicesOf(key)),
      set: (text) => secureStore.setItemAsync(devicesOf(key), text),
    },
  };
}

/** Each tab has its own `sessionStorage`, so its client does not wait for other tabs. */
function isSessionStorage(storage: WebStorage): boolean {
  try {
    return storage === Reflect.get(globalThis, 'sessionStorage');
  } catch {
    // The getter throws if the page may not use `sessionStorage`. In that case, `storage` is not the session storage.
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
