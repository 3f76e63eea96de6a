import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64Url, utf8 } from './bytes.ts';

/** A secret setting and those it has replaced, newest first. */
export type Secrets = readonly [string, ...string[]];

/** A message authentication code in base64url: HMAC-SHA256 (RFC 2104) under a key that it keeps to itself. */
export type Mac = (text: string) => string;

/** Creates MACs under a key. */
export type CreateMac = (key: Uint8Array) => Mac;

/**
 * The same everywhere, and where a runtime has nothing better. Not by Web Crypto: on Node that would wait behind
 * the passwords, whose work fills the same few threads, and for so little the way there takes longer than the
 * work.
 */
export const createPortableMac: CreateMac = (key) => {
  // The key is worked in once.
  const keyed = hmac.create(sha256, key);
  return (text) => toBase64Url(keyed.clone().update(utf8(text)).digest());
};

/**
 * Creates MACs under a key that is derived from a secret by HKDF (RFC 5869).
 *
 * @param purpose separates the keys that are derived from the same secret
 */
export async function deriveMac(
  secret: string,
  purpose: string,
  createMac: CreateMac,
): Promise<Mac> {
  const material = await importMaterial(secret, 'deriveBits');
  return createMac(new Uint8Array(await crypto.subtle.deriveBits(hkdf(purpose), material, 256)));
}

/** A key for AES-256-GCM, derived in the same way. */
export async function deriveCipherKey(secret: string, purpose: string): Promise<CryptoKey> {
  const material = await importMaterial(secret, 'deriveKey');
  const algorithm = { name: 'AES-GCM', length: 256 };
  const usages = ['encrypt', 'decrypt'] as const;
  return crypto.subtle.deriveKey(hkdf(purpose), material, algorithm, false, usages);
}

const importMaterial = (secret: string, usage: 'deriveBits' | 'deriveKey'): Promise<CryptoKey> =>
  crypto.subtle.importKey('raw', utf8(secret), 'HKDF', false, [usage]);

const hkdf = (purpose: string) => ({
  name: 'HKDF',
  hash: 'SHA-256',
  salt: new Uint8Array(0),
  info: utf8(purpose),
});
