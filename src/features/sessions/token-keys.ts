import type { TokenAlgorithm } from '../../config/bounds.ts';
import { utf8 } from '../../core/crypto/bytes.ts';
import {
  type CreateMac,
  createPortableMac,
  type Mac,
  type Secrets,
} from '../../core/crypto/derived-key.ts';

/** The key that signs new tokens. */
export interface SigningKey {
  readonly key: CryptoKey;
  /** Written to the header of the token. `undefined` for a secret, which has no `kid`. */
  readonly kid: string | undefined;
  /** Signs synchronously with the same key. Present only if the key is a secret. */
  readonly mac?: Mac;
}

/** A JWK (RFC 7517) with public members only. */
export interface PublicKey {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  /** The second coordinate of an ES256 key; Ed25519 keys have none. */
  readonly y?: string;
  readonly kid: string;
  readonly alg: string;
  readonly use: 'sig';
}

/** The keys that sign and verify access tokens. */
export interface TokenKeys {
  readonly algorithm: TokenAlgorithm;
  signing(): Promise<SigningKey>;
  /** The keys that may have signed a token with this `kid`; empty if the `kid` is unknown. */
  verifying(kid: string | undefined): Promise<readonly CryptoKey[]>;
  /**
   * True if tokens signed with this key are still accepted. Synchronous. Returns false if the keys must be reloaded
   * first.
   */
  isAccepted(key: CryptoKey): boolean;
  /** The public keys, for services that verify tokens themselves. Empty if the keys are secrets. */
  published(): Promise<readonly PublicKey[]>;
}

/**
 * Creates the keys of HS256, which are the secrets themselves. They have no `kid`, so a token with a `kid` is rejected.
 *
 * @param secrets newest first; the newest signs, all of them verify
 */
export async function createSecretKeys(
  secrets: Secrets,
  createMac: CreateMac = createPortableMac,
): Promise<TokenKeys> {
  const keys = await Promise.all(secrets.map(importSecret));
  const [newest] = keys;
  if (!newest) throw new Error('a token requires a secret');
  const signing = { key: newest, kid: undefined, mac: createMac(utf8(secrets[0])) };
  return {
    algorithm: 'HS256',
    signing: async () => signing,
    verifying: async (kid) => (kid === undefined ? keys : []),
    isAccepted: (key) => keys.includes(key),
    published: async () => [],
  };
}

const importSecret = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);
