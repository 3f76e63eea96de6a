import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';
import { z } from 'zod';
import type { TokenAlgorithm } from '../../config/bounds.ts';
import type { PublicKey } from '../sessions/token-keys.ts';

/** The purpose for which the encryption key is derived. Changing it makes stored private keys unreadable. */
export const KEY_PURPOSE = 'latchkey signing key v1';

export type AsymmetricAlgorithm = Exclude<TokenAlgorithm, 'HS256'>;

/** How long other verifiers of our tokens may cache the published keys. */
export const PUBLISHED_MAX_AGE_SECONDS = 300;

/** A key is first published as `next`, then signs as `current`, then only verifies as `previous`. */
export type SigningKeyState = 'next' | 'current' | 'previous';

/** A key of the ring, as stored. */
export interface StoredKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly state: SigningKeyState;
  /** JWK, as JSON. */
  readonly publicKey: string;
  /** Null once the key is retired. */
  readonly sealedPrivateKey: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970; null until the key is retired. */
  readonly retiredAt: number | null;
}

/** A key pair. Its `kid` is the thumbprint of the public key (RFC 7638). */
export interface KeyPair {
  readonly kid: string;
  /** JWKs, as JSON. */
  readonly publicKey: string;
  readonly privateKey: string;
}

const jwkSchema = z.object({
  kty: z.string(),
  crv: z.string(),
  x: z.string(),
  y: z.string().exactOptional(),
  d: z.string().exactOptional(),
});

/** Generates a key pair. */
export async function generateSigningKey(algorithm: AsymmetricAlgorithm): Promise<KeyPair> {
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const privateKey = JSON.stringify(await exportJWK(pair.privateKey));
  const kid = await calculateJwkThumbprint(jwkSchema.parse(JSON.parse(privateKey)));
  return { kid, privateKey, publicKey: JSON.stringify(toPublicKey(privateKey, kid, algorithm)) };
}

/** The public members of a JWK, listed one by one, so that no private member leaks. */
export function toPublicKey(jwk: string, kid: string, alg: string): PublicKey {
  const { kty, crv, x, y } = jwkSchema.parse(JSON.parse(jwk));
  return { kty, crv, x, ...(y !== undefined && { y }), kid, alg, use: 'sig' };
}

/** @param jwk the public key or the private key, as JSON */
export async function importKey(jwk: string, algorithm: AsymmetricAlgorithm): Promise<CryptoKey> {
  const key = await importJWK(jwkSchema.parse(JSON.parse(jwk)), algorithm);
  if (key instanceof Uint8Array) throw new Error('a signing key must be a key pair');
  return key;
}

/** The context that binds an encrypted private key to its row. In the row of another key, it cannot be decrypted. */
export const sealContext = ({ kid, algorithm }: Pick<StoredKey, 'kid' | 'algorithm'>): string =>
  `${algorithm} ${kid}`;
