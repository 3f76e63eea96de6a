import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toBase64Url, utf8 } from './bytes.ts';

/** A secret setting and its predecessors, newest first. */
export type Secrets = readonly [string, ...string[]];

/** Computes a message authentication code in base64url: HMAC-SHA256 (RFC 2104) under a fixed key. */
export type Mac = (text: string) => string;

/** Creates the MAC function of a key. */
export type CreateMac = (key: Uint8Array) => Mac;

/**
 * The default for runtimes without a faster native implementation. Does not use Web Crypto: on Node, its calls queue
 * behind password hashes in the thread pool. Also, dispatching a call takes longer than hashing a short text.
 */
export const createPortableMac: CreateMac = (key) => {
  // The key is hashed once; each call clones the state.
  const keyed = hmac.create(sha256, key);
  return (text) => toBase64Url(keyed.clone().update(utf8(text)).digest());
};

/**
 * Creates a MAC function under a key derived from a secret by HKDF (RFC 5869).
 *
 * @param purpose the HKDF `info`: each purpose has an independent key
 */
export async function deriveMac(
  secret: string,
  purpose: string,
  createMac: CreateMac,
): Promise<Mac> {
  const material = await importMaterial(secret, 'deriveBits');
  return createMac(new Uint8Array(await crypto.subtle.deriveBits(hkdf(purpose), material, 256)));
}

/** Computes the MAC of a text under each secret, the newest first. */
export type Macs = (text: string) => readonly [string, ...string[]];

/** Like {@link deriveMac}, for values that older secrets have authenticated or hashed too. */
export async function deriveMacs(
  [newest, ...older]: Secrets,
  purpose: string,
  createMac: CreateMac,
): Promise<Macs> {
  const macOf = (secret: string) => deriveMac(secret, purpose, createMac);
  const [mac, ...others] = [await macOf(newest), ...(await Promise.all(older.map(macOf)))] as const;
  return (text) => [mac(text), ...others.map((other) => other(text))];
}

/** Like {@link deriveMac}, but derives a key for AES-256-GCM. */
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
