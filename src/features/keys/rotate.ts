import { MAX_ACCESS_TOKEN_MINUTES } from '../../config/settings.ts';
import type { Sealer } from '../../core/crypto/sealer.ts';
import { ConfigError } from '../../core/errors.ts';
import { makeKey, openKey, readOrMakeKeys, UNREADABLE_KEYS } from './ring.ts';
import { type AsymmetricAlgorithm, type StoredKey, sealContext } from './signing-key.ts';
import type { SigningKeyStore } from './store.ts';

/** Servers may set the lifetime of tokens as they like; a key is kept for the longest. */
const KEPT_MS = (MAX_ACCESS_TOKEN_MINUTES + 60) * 60_000;

/** What has come of it: a key may be signing for the first time only a moment after its birth. */
export type RotationResult =
  | { readonly outcome: 'made' | 'outrun' | 'resealed' }
  | { readonly outcome: 'rotated' | 'replaced' | 'revoked'; readonly publishedForMs: number };

export interface RingOptions {
  readonly algorithm: AsymmetricAlgorithm;
  readonly store: SigningKeyStore;
  readonly sealer: Sealer;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Puts the next key in the place of the current one, which from then on only verifies. Where there is no
 * ring yet, one is made; where another rotation was quicker, nothing is changed.
 *
 * @param options.force creates both keys again if the secret does not open the existing ones
 * @throws ConfigError where the secret does not open the ring, and it is not forced
 */
export async function rotateKeys(
  options: RingOptions & { readonly force: boolean },
): Promise<RotationResult> {
  const { algorithm, store, now, force } = options;
  const hadRing = (await store.list(algorithm)).length > 0;
  const keys = await readOrMakeKeys(store, options);
  if (!hadRing) return { outcome: 'made' };
  const current = keys.find(({ state }) => state === 'current');
  const next = keys.find(({ state }) => state === 'next');
  if (!current || !next) return { outcome: 'outrun' };

  const change = { algorithm, at: now, forgetBefore: now - KEPT_MS };
  if (await resealAll([current, next], options)) {
    const fresh = [await makeKey('next', options)];
    const seen = { current: current.kid, next: next.kid };
    const isRotated = await store.rotate(seen, { ...change, fresh });
    return isRotated
      ? { outcome: 'rotated', publishedForMs: now - next.createdAt }
      : { outcome: 'outrun' };
  }
  if (!force) throw new ConfigError([UNREADABLE_KEYS]);
  await store.replace({ ...change, fresh: await makeRing(options) });
  return { outcome: 'replaced', publishedForMs: 0 };
}

/**
 * Creates all keys again and deletes the old ones, for when a private part, or the secret with the database,
 * has leaked. Every access token becomes invalid.
 */
export async function revokeKeys(options: RingOptions): Promise<RotationResult> {
  const { algorithm, store } = options;
  await store.revoke({ algorithm, fresh: await makeRing(options) });
  return { outcome: 'revoked', publishedForMs: 0 };
}

/**
 * Seals the keys with the newest secret, so that the one before it can go. To be done when every server
 * has the newest one: a server that starts without it can open them no more.
 *
 * @throws ConfigError where no secret opens them
 */
export async function resealKeys(options: RingOptions): Promise<RotationResult> {
  const keys = await readOrMakeKeys(options.store, options);
  const held = keys.filter(({ sealedPrivateKey }) => sealedPrivateKey !== null);
  if (!(await resealAll(held, options))) throw new ConfigError([UNREADABLE_KEYS]);
  return { outcome: 'resealed' };
}

const makeRing = async (options: RingOptions): Promise<StoredKey[]> => [
  await makeKey('current', options),
  await makeKey('next', options),
];

/** True if all of them open; only then they are sealed again. */
async function resealAll(
  keys: readonly StoredKey[],
  { store, sealer }: RingOptions,
): Promise<boolean> {
  const opened = await Promise.all(
    keys.map(async (key) => ({ key, seal: await openKey(key, sealer) })),
  );
  if (opened.some(({ seal }) => seal === undefined)) return false;
  for (const { key, seal } of opened) {
    if (!seal || seal.isUpToDate) continue;
    await store.reseal(key, await sealer.seal(seal.text, sealContext(key)));
  }
  return true;
}
