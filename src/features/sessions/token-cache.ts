import type { Claims } from './claims.ts';

/** A token that has been verified, and with which key. */
export interface VerifiedToken {
  readonly claims: Claims;
  readonly key: CryptoKey;
}

/** Remembers tokens that have been verified: the same one comes with every request of a client. */
export interface TokenCache {
  get(token: string): VerifiedToken | undefined;
  set(token: string, verified: VerifiedToken): void;
  /** Forgets a token. */
  delete(token: string): void;
}

/**
 * A bounded cache in two generations: when the young one is full it becomes the old one, and what was old
 * is forgotten. What is asked for becomes young again. So a hit costs one look-up and no bookkeeping, and
 * what is used often stays.
 *
 * @param maxTokens how many are kept at most
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
