import { ConfigError } from '../config.ts';
import type { Sealer } from '../crypto/sealer.ts';
import { MAX_ACCESS_TOKEN_MINUTES } from '../settings.ts';
import { makeKey, openKey, readOrMakeKeys, UNREADABLE_KEYS } from './ring.ts';
import type { AsymmetricAlgorithm, StoredKey } from './signing-key.ts';
import type { SigningKeyStore } from './store.ts';

/** Servers may set the lifetime of tokens as they like; a key is kept for the longest. */
const KEPT_MS = (MAX_ACCESS_TOKEN_MINUTES + 60) * 60_000;

/** What has come of a rotation: a key may be signing for the first time only a moment after its birth. */
export type RotationResult =
  | { readonly outcome: 'made' | 'outrun' }
  | { readonly outcome: 'rotated' | 'replaced'; readonly publishedForMs: number };

interface RotateOptions {
  readonly algorithm: AsymmetricAlgorithm;
  readonly store: SigningKeyStore;
  readonly sealer: Sealer;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Makes both keys anew where the secret does not open those there are. */
  readonly force: boolean;
}

/**
 * Puts the next key in the place of the current one, which from then on only verifies. Where there is no
 * ring yet, one is made; where another rotation was quicker, nothing is changed.
 *
 * @throws ConfigError where the secret does not open the ring, and it is not forced
 */
export async function rotateKeys(options: RotateOptions): Promise<RotationResult> {
  const { algorithm, store, sealer, now, force } = options;
  const hadRing = (await store.list(algorithm)).length > 0;
  const keys = await readOrMakeKeys(store, { algorithm, sealer, now });
  if (!hadRing) return { outcome: 'made' };
  const current = keys.find(({ state }) => state === 'current');
  const next = keys.find(({ state }) => state === 'next');
  if (!current || !next) return { outcome: 'outrun' };

  const change = { algorithm, at: now, forgetBefore: now - KEPT_MS };
  if (await doAllOpen([current, next], sealer)) {
    const fresh = [await makeKey('next', { algorithm, sealer, now })];
    const seen = { current: current.kid, next: next.kid };
    const isRotated = await store.rotate(seen, { ...change, fresh });
    return isRotated
      ? { outcome: 'rotated', publishedForMs: now - next.createdAt }
      : { outcome: 'outrun' };
  }
  if (!force) throw new ConfigError([UNREADABLE_KEYS]);
  const fresh = [
    await makeKey('current', { algorithm, sealer, now }),
    await makeKey('next', { algorithm, sealer, now }),
  ];
  await store.replace({ ...change, fresh });
  return { outcome: 'replaced', publishedForMs: 0 };
}

async function doAllOpen(keys: readonly StoredKey[], sealer: Sealer): Promise<boolean> {
  const opened = await Promise.all(keys.map((key) => openKey(key, sealer)));
  return opened.every((one) => one !== undefined);
}
