import type { TokenStore, Tokens } from './tokens.ts';

/** A token store whose writes never fail. */
export interface KeptTokens {
  /** @throws the error of the underlying store */
  get(): Promise<Tokens | undefined>;
  set(tokens: Tokens | undefined): Promise<void>;
}

/**
 * Wraps a store that may be full or locked. If a value cannot be written, keeps it in memory and returns it as long as
 * the store still holds the value that it should have replaced: a used refresh token must not be sent again, and a
 * login must not come back after a logout.
 */
export function createKeptTokens(
  store: TokenStore,
  onStoreError: (error: unknown) => void,
): KeptTokens {
  let unwritten: {
    /** The refresh token that the store still holds. */
    readonly replaces: string | undefined;
    readonly tokens: Tokens | undefined;
  } | null = null;
  return {
    async get() {
      const stored = await store.get();
      return unwritten && unwritten.replaces === stored?.refreshToken ? unwritten.tokens : stored;
    },
    async set(tokens) {
      const stored = await store.get();
      try {
        await store.set(tokens);
        unwritten = null;
      } catch (error) {
        unwritten = { replaces: stored?.refreshToken, tokens };
        onStoreError(error);
      }
    },
  };
}
