import type { Sealer } from '../../core/crypto/sealer.ts';
import { describeError } from '../../core/db/database.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { PublicKey, SigningKey, TokenKeys } from '../sessions/token-keys.ts';
import {
  type AsymmetricAlgorithm,
  generateSigningKey,
  importKey,
  type SigningKeyState,
  type StoredKey,
  sealContext,
  toPublicKey,
} from './signing-key.ts';
import type { SigningKeyStore } from './store.ts';

/** The longest time until every server uses a rotated key. */
const RELOAD_MS = 30_000;
/**
 * A token may name a key that is newer than the last read of the ring. The ring is read at most this often for unknown
 * keys.
 */
const UNKNOWN_KEY_RELOAD_MS = 5000;
/**
 * A retired key verifies tokens for this much longer than a token lifetime, because other servers sign with it until
 * they reload the ring.
 */
const RETIREMENT_SLACK_MS = 2 * RELOAD_MS;

const KID = /^[\w-]{43}$/;

/** The problem and its remedy, for an operator whose secret cannot decrypt the keys. */
export const UNREADABLE_KEYS =
  'SECRET_KEY: cannot decrypt the signing keys in this database. Set SECRET_KEY_PREVIOUS to the secret that encrypted them. If it is lost, create new keys with `latchkey keys rotate --force` (in a clone: `npm run keys -- rotate --force`)';

/** A snapshot of the ring. */
interface Ring {
  readonly signing: SigningKey;
  /** The decrypted private keys, by `kid`. */
  readonly signers: ReadonlyMap<string, CryptoKey>;
  /** The public keys, by `kid`. */
  readonly verifying: ReadonlyMap<string, CryptoKey>;
  /** The values of `verifying`. */
  readonly verifyingKeys: ReadonlySet<CryptoKey>;
  readonly published: readonly PublicKey[];
}

interface KeyRingOptions {
  readonly algorithm: AsymmetricAlgorithm;
  readonly store: SigningKeyStore;
  readonly sealer: Sealer;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** The lifetime of an access token, in seconds. */
  readonly tokenLifetimeSeconds: number;
}

/**
 * Creates the ring of an asymmetric algorithm, which is stored in the database. Creates missing keys. One request reads
 * the ring on first use, then every 30 seconds; concurrent requests use the cached ring. Requests share no promise: on
 * Workers, a promise that belongs to an aborted request never settles.
 *
 * The promises of the ring reject with a ConfigError if the secret cannot decrypt the keys.
 */
export function createKeyRing(options: KeyRingOptions): TokenKeys {
  const { algorithm, store, sealer, log, clock } = options;
  const retiredLifetime = options.tokenLifetimeSeconds * 1000 + RETIREMENT_SLACK_MS;
  let ring: Ring | undefined;
  let triedAt = 0;

  const isRecent = (now: number, maxAge: number) => triedAt <= now && now < triedAt + maxAge;

  /**
   * Returns the ring. Reads it again if the last attempt was at least `maxAge` milliseconds ago; if the read fails,
   * returns the cached ring.
   */
  async function recent(maxAge: number): Promise<Ring> {
    const now = clock();
    if (ring && isRecent(now, maxAge)) return ring;
    triedAt = now;
    try {
      const loaded = await load(now, ring);
      // The result of a slow read must not replace that of a read that started later.
      if (triedAt === now || !ring) ring = loaded;
      return ring;
    } catch (error) {
      // The cached signing key is no longer in the ring, so every server would reject the tokens that it signs.
      if (error instanceof ConfigError) ring = undefined;
      if (!ring) throw error;
      log.warn('signing_keys_reload_failed', { error: describeError(error) });
      return ring;
    }
  }

  async function load(now: number, known: Ring | undefined): Promise<Ring> {
    const stored = await readOrCreateKeys(store, { algorithm, sealer, now });
    const keys = stored.filter(
      ({ retiredAt }) => retiredAt === null || now < retiredAt + retiredLifetime,
    );
    const signers = await openSigners(keys, known?.signers);
    const signing = signingKeyOf(keys, signers, known?.signing);
    const areAllOpen = keys.every(({ state, kid }) => state === 'previous' || signers.has(kid));
    if (!signing || !(areAllOpen || known)) throw new ConfigError([UNREADABLE_KEYS]);
    if (!areAllOpen) log.error('signing_keys_unreadable', { cure: UNREADABLE_KEYS });
    const verifying = await Promise.all(
      keys.map(async ({ kid, publicKey }) => {
        const key = known?.verifying.get(kid) ?? (await importKey(publicKey, algorithm));
        return [kid, key] as const;
      }),
    );
    const published = keys.map((key) => toPublicKey(key.publicKey, key.kid, algorithm));
    const verifyingKeys = new Set(verifying.map(([, key]) => key));
    return { signing, signers, verifying: new Map(verifying), verifyingKeys, published };
  }

  /** Returns the private keys that can be decrypted, by `kid`. */
  async function openSigners(
    keys: readonly StoredKey[],
    known: Ring['signers'] = new Map(),
  ): Promise<Map<string, CryptoKey>> {
    const signers = new Map<string, CryptoKey>();
    for (const key of keys) {
      const opened = known.has(key.kid) ? undefined : await openKey(key, sealer);
      const signer = opened ? await importKey(opened.text, algorithm) : known.get(key.kid);
      if (signer) signers.set(key.kid, signer);
    }
    return signers;
  }

  return {
    algorithm,

    signing: async () => (await recent(RELOAD_MS)).signing,

    async verifying(kid) {
      if (kid === undefined || !KID.test(kid)) return [];
      const key =
        (await recent(RELOAD_MS)).verifying.get(kid) ??
        (await recent(UNKNOWN_KEY_RELOAD_MS)).verifying.get(kid);
      return key ? [key] : [];
    },

    isAccepted: (key) => isRecent(clock(), RELOAD_MS) && ring?.verifyingKeys.has(key) === true,

    published: async () => (await recent(RELOAD_MS)).published,
  };
}

/** Returns the current key if it can be decrypted; otherwise the key that signed last, as long as it is in the ring. */
function signingKeyOf(
  keys: readonly StoredKey[],
  signers: Ring['signers'],
  known: SigningKey | undefined,
): SigningKey | undefined {
  const current = keys.find(({ state }) => state === 'current');
  const signer = current && signers.get(current.kid);
  if (signer) return { key: signer, kid: current.kid };
  return keys.some(({ kid }) => kid === known?.kid) ? known : undefined;
}

interface NewKeyOptions {
  readonly algorithm: AsymmetricAlgorithm;
  readonly sealer: Sealer;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Reads the ring of an algorithm and creates missing keys. If several servers create the same key, the first one wins.
 */
export async function readOrCreateKeys(
  store: SigningKeyStore,
  options: NewKeyOptions,
): Promise<StoredKey[]> {
  const keys = await store.list(options.algorithm);
  const has = (state: SigningKeyState) => keys.some((key) => key.state === state);
  if (has('current') && has('next')) return keys;
  await store.fill([await createKey('current', options), await createKey('next', options)]);
  return store.list(options.algorithm);
}

/** Creates a key for a place in the ring. Its private key is encrypted. */
export async function createKey(
  state: SigningKeyState,
  { algorithm, sealer, now }: NewKeyOptions,
): Promise<StoredKey> {
  const { kid, publicKey, privateKey } = await generateSigningKey(algorithm);
  const sealedPrivateKey = await sealer.seal(privateKey, sealContext({ kid, algorithm }));
  const [createdAt, retiredAt] = [now, null];
  return { kid, algorithm, state, publicKey, sealedPrivateKey, createdAt, retiredAt };
}

/** Decrypts the private key. Returns `undefined` if it cannot be decrypted or the key is retired. */
export const openKey = async (key: StoredKey, sealer: Sealer) =>
  key.sealedPrivateKey === null ? undefined : sealer.open(key.sealedPrivateKey, sealContext(key));
