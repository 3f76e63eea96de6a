import type { TokenAlgorithm } from '../../config/bounds.ts';
import { utf8 } from '../../core/crypto/bytes.ts';
import {
  type CreateMac,
  createPortableMac,
  type Mac,
  type Secrets,
} from '../../core/crypto/derived-key.ts';

/** What new tokens are signed with. */
export interface SigningKey {
  readonly key: CryptoKey;
  /** Goes into the token's header; `undefined` where there is but one key. */
  readonly kid: string | undefined;
  /** Signs with the same key, at once: where the key is a secret, which has no `kid`. */
  readonly mac?: Mac;
}

/** A JWK (RFC 7517) with public members only. */
export interface PublicKey {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  /** Of an elliptic curve's point; Ed25519 has none. */
  readonly y?: string;
  readonly kid: string;
  readonly alg: string;
  readonly use: 'sig';
}

/** The keys of access tokens. */
export interface TokenKeys {
  readonly algorithm: TokenAlgorithm;
  signing(): Promise<SigningKey>;
  /** The keys that a token may be signed with whose header has this `kid`; none for one we do not know. */
  verifying(kid: string | undefined): Promise<readonly CryptoKey[]>;
  /** True if a key that a token was verified with is known to be one of these keys still, without asking anyone. */
  isTaken(key: CryptoKey): boolean;
  /** What anybody may verify our tokens with. */
  published(): Promise<readonly PublicKey[]>;
}

/**
 * Keys for HS256: the secrets themselves. There is no `kid`, so a token that names one is not ours.
 *
 * @param secrets the newest signs, all verify
 */
export async function createSecretKeys(
  secrets: Secrets,
  createMac: CreateMac = createPortableMac,
): Promise<TokenKeys> {
  const keys = await Promise.all(secrets.map(importSecret));
  const [newest] = keys;
  if (!newest) throw new Error('a token needs a secret');
  const signing = { key: newest, kid: undefined, mac: createMac(utf8(secrets[0])) };
  return {
    algorithm: 'HS256',
    signing: async () => signing,
    verifying: async (kid) => (kid === undefined ? keys : []),
    isTaken: (key) => keys.includes(key),
    published: async () => [],
  };
}

const importSecret = (secret: string): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);
