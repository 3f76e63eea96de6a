import { MAX_ACCESS_TOKEN_MINUTES } from '../../config/settings.ts';
import type { Sealer } from '../../core/crypto/sealer.ts';
import { ConfigError } from '../../core/errors.ts';
import { createKey, openKey, readOrCreateKeys, UNREADABLE_KEYS } from './ring.ts';
import { type AsymmetricAlgorithm, type StoredKey, sealContext } from './signing-key.ts';
import type { SigningKeyStore } from './store.ts';

/** How long a retired key is kept: one hour more than the longest token lifetime that a server can configure. */
const KEPT_MS = (MAX_ACCESS_TOKEN_MINUTES + 60) * 60_000;

/** `publishedForMs` is the time for which verifiers could fetch the new current key before it signs. */
export type RotationResult =
  | { readonly outcome: 'created' | 'overtaken' | 'resealed' }
  | { readonly outcome: 'rotated' | 'replaced' | 'revoked'; readonly publishedForMs: number };

export interface RingOptions {
  readonly algorithm: AsymmetricAlgorithm;
  readonly store: SigningKeyStore;
  readonly sealer: Sealer;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Makes the next key current. From then on, the old current key only verifies. Creates the ring if it does not exist.
 * Changes nothing if a concurrent rotation was faster.
 *
 * @param options.force replaces both keys if the secret cannot decrypt them
 * @throws ConfigError if the secret cannot decrypt the keys, unless forced
 */
export async function rotateKeys(
  options: RingOptions & { readonly force: boolean },
): Promise<RotationResult> {
  const { algorithm, store, now, force } = options;
  const hadRing = (await store.list(algorithm)).length > 0;
  const keys = await readOrCreateKeys(store, options);
  if (!hadRing) return { outcome: 'created' };
  const current = keys.find(({ state }) => state === 'current');
  const next = keys.find(({ state }) => state === 'next');
  if (!current || !next) return { outcome: 'overtaken' };

  const change = { algorithm, at: now, deleteRetiredBefore: now - KEPT_MS };
  if (await resealAll([current, next], options)) {
    const fresh = [await createKey('next', options)];
    const expected = { current: current.kid, next: next.kid };
    const isRotated = await store.rotate(expected, { ...change, fresh });
    return isRotated
      ? { outcome: 'rotated', publishedForMs: now - next.createdAt }
      : { outcome: 'overtaken' };
  }
  if (!force) throw new ConfigError([UNREADABLE_KEYS]);
  await store.replace({ ...change, fresh: await createRing(options) });
  return { outcome: 'replaced', publishedForMs: 0 };
}

/**
 * Deletes all keys and creates new ones, in response to a leak: of a private key, or of both the secret and the
 * database. Every access token becomes invalid.
 */
export async function revokeKeys(options: RingOptions): Promise<RotationResult> {
  const { algorithm, store } = options;
  await store.revoke({ algorithm, fresh: await createRing(options) });
  return { outcome: 'revoked', publishedForMs: 0 };
}

/**
 * Encrypts the keys with the newest secret, so that the previous secret can be removed. Every server must have the
 * newest secret first, because a server that starts without it cannot decrypt the keys.
 *
 * @throws ConfigError if no secret can decrypt the keys
 */
export async function resealKeys(options: RingOptions): Promise<RotationResult> {
  const keys = await readOrCreateKeys(options.store, options);
  const held = keys.filter(({ sealedPrivateKey }) => sealedPrivateKey !== null);
  if (!(await resealAll(held, options))) throw new ConfigError([UNREADABLE_KEYS]);
  return { outcome: 'resealed' };
}

const createRing = async (options: RingOptions): Promise<StoredKey[]> => [
  await createKey('current', options),
  await createKey('next', options),
];

/**
 * Encrypts the keys again that are encrypted with an older secret. If one of them cannot be decrypted, returns false
 * and changes nothing.
 */
async function resealAll(
  keys: readonly StoredKey[],
  { store, sealer }: RingOptions,
): Promise<boolean> {
  const opened = await Promise.all(
    keys.map(async (key) => ({ key, privateKey: await openKey(key, sealer) })),
  );
  if (opened.some(({ privateKey }) => privateKey === undefined)) return false;
  for (const { key, privateKey } of opened) {
    if (!privateKey || privateKey.isUpToDate) continue;
    await store.reseal(key, await sealer.seal(privateKey.text, sealContext(key)));
  }
  return true;
}
