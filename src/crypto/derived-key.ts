import { utf8 } from './bytes.ts';

/** A secret setting and those it has replaced, newest first. */
export type Secrets = readonly [string, ...string[]];

/**
 * A key for HMAC-SHA256, derived from a secret by HKDF (RFC 5869).
 *
 * @param purpose says what the key is for, so that the same secret gives another key elsewhere
 */
export const deriveHmacKey = (secret: string, purpose: string): Promise<CryptoKey> =>
  derive(secret, purpose, { name: 'HMAC', hash: 'SHA-256', length: 256 }, ['sign']);

/** A key for AES-256-GCM, derived in the same way. */
export const deriveCipherKey = (secret: string, purpose: string): Promise<CryptoKey> =>
  derive(secret, purpose, { name: 'AES-GCM', length: 256 }, ['encrypt', 'decrypt']);

async function derive(
  secret: string,
  purpose: string,
  algorithm: { name: 'HMAC'; hash: string; length: number } | { name: 'AES-GCM'; length: number },
  usages: KeyUsage[],
): Promise<CryptoKey> {
  const { subtle } = crypto;
  const material = await subtle.importKey('raw', utf8(secret), 'HKDF', false, ['deriveKey']);
  const salt = new Uint8Array(0);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt, info: utf8(purpose) };
  return subtle.deriveKey(parameters, material, algorithm, false, usages);
}
