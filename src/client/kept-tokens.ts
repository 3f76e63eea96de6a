import type { TokenStore, Tokens } from './tokens.ts';

/** A store as the session sees it: writing to it never fails. */
export interface KeptTokens {
  /** @throws what the store throws */
  get(): Promise<Tokens | undefined>;
  set(tokens: Tokens | undefined): Promise<void>;
}

/**
 * Stands before a store that may be full or locked. What cannot be written is kept in memory and counts,
 * as long as the store holds what should have been replaced: a refresh token that the server has taken
 * must not be sent again, and a login that was left must not come back.
 */
export function createKeptTokens(
  store: TokenStore,
  onStoreError: (error: unknown) => void,
): KeptTokens {
  let unwritten: { readonly over: string | undefined; readonly tokens: Tokens | undefined } | null =
    null;
  return {
    async get() {
      const stored = await store.get();
      return unwritten && unwritten.over === stored?.refreshToken ? unwritten.tokens : stored;
    },
    async set(tokens) {
      const stored = await store.get();
      try {
        await store.set(tokens);
        unwritten = null;
      } catch (error) {
        unwritten = { over: stored?.refreshToken, tokens };
        onStoreError(error);
      }
    },
  };
}
