import type { Claims } from './claims.ts';

/** The claims of a verified token, and the key that verified it. */
export interface VerifiedToken {
  readonly claims: Claims;
  readonly key: CryptoKey;
}

/** Caches verified tokens, because a client sends the same token with each request. */
export interface TokenCache {
  get(token: string): VerifiedToken | undefined;
  set(token: string, verified: VerifiedToken): void;
  delete(token: string): void;
}

/**
 * Creates a bounded cache of two generations. When the young generation is full, it replaces the old one, whose tokens
 * are evicted. A hit in the old generation copies the token to the young one. A hit in the young generation costs one
 * look-up and no bookkeeping, and tokens in frequent use are not evicted.
 *
 * @param maxTokens maximum number of cached tokens
 */
export function createTokenCache(maxTokens: number): TokenCache {
  const generation = Math.ceil(maxTokens / 2);
  let young = new Map<string, VerifiedToken>();
  let old = new Map<string, VerifiedToken>();

  function set(token: string, verified: VerifiedToken): void {
    if (young.size >= generation) {
      old = young;
      young = new Map();
    }
    young.set(token, verified);
  }

  return {
    set,
    get(token) {
      const recent = young.get(token);
      if (recent) return recent;
      const older = old.get(token);
      if (older) set(token, older);
      return older;
    },
    delete(token) {
      young.delete(token);
      old.delete(token);
    },
  };
}
