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

/** A rotated key is taken up within this time by every server. */
const RELOAD_MS = 30_000;
/** A token may name a key that we have not heard of yet. Asked no more often than this. */
const UNKNOWN_KEY_RELOAD_MS = 5000;
/** How much longer than its last token a retired key is known: others may sign with it until they reload. */
const RETIREMENT_SLACK_MS = 2 * RELOAD_MS;

const KID = /^[\w-]{43}$/;

/** What to tell who starts with another secret, and what to do about it. */
export const UNREADABLE_KEYS =
  'SECRET_KEY: does not open the signing keys in this database. Set SECRET_KEY_PREVIOUS to the secret they were made with; if it is lost, make new keys by `npm run keys -- rotate --force`';

/** The ring at one moment. */
interface Ring {
  readonly signing: SigningKey;
  /** Private parts that have been opened, by `kid`. */
  readonly signers: ReadonlyMap<string, CryptoKey>;
  readonly verifying: ReadonlyMap<string, CryptoKey>;
  /** The keys of `verifying`. */
  readonly taken: ReadonlySet<CryptoKey>;
  readonly published: readonly PublicKey[];
}

interface KeyRingOptions {
  readonly algorithm: AsymmetricAlgorithm;
  readonly store: SigningKeyStore;
  readonly sealer: Sealer;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** How long an access token lives, in seconds. */
  readonly tokenLifetimeSeconds: number;
}

/**
 * Keys for an asymmetric algorithm, kept in the database. They are made where there are none, read when
 * they are first needed, and read again every half minute, by the request that comes first then: the
 * others go on with what is known. No promise is shared between requests (on Workers, one that belongs to
 * an aborted request never ends).
 *
 * All of its functions throw a ConfigError where the secret does not open the keys.
 */
export function createKeyRing(options: KeyRingOptions): TokenKeys {
  const { algorithm, store, sealer, log, clock } = options;
  const retiredLifetime = options.tokenLifetimeSeconds * 1000 + RETIREMENT_SLACK_MS;
  let ring: Ring | undefined;
  let triedAt = 0;

  const isRecent = (now: number, maxAge: number) => triedAt <= now && now < triedAt + maxAge;

  /** The ring, read less than `maxAge` milliseconds ago if the database would have it. */
  async function recent(maxAge: number): Promise<Ring> {
    const now = clock();
    if (ring && isRecent(now, maxAge)) return ring;
    triedAt = now;
    try {
      const loaded = await load(now, ring);
      // A slower reading that began earlier must not take the place of a later one.
      if (triedAt === now || !ring) ring = loaded;
      return ring;
    } catch (error) {
      // What is signed with keys that do not open any more would be refused by everybody.
      if (error instanceof ConfigError) ring = undefined;
      if (!ring) throw error;
      log.warn('signing_keys_not_read', { error: describeError(error) });
      return ring;
    }
  }

  async function load(now: number, known: Ring | undefined): Promise<Ring> {
    const stored = await readOrMakeKeys(store, { algorithm, sealer, now });
    const keys = stored.filter(
      ({ retiredAt }) => retiredAt === null || now < retiredAt + retiredLifetime,
    );
    const signers = await openSigners(keys, known?.signers);
    const signing = signingKeyOf(keys, signers, known?.signing);
    const areAllOpen = keys.every(({ state, kid }) => state === 'previous' || signers.has(kid));
    if (!signing || !(areAllOpen || known)) throw new ConfigError([UNREADABLE_KEYS]);
    if (!areAllOpen) log.error('signing_keys_not_readable', { cure: UNREADABLE_KEYS });
    const verifying = await Promise.all(
      keys.map(async ({ kid, publicKey }) => {
        const key = known?.verifying.get(kid) ?? (await importKey(publicKey, algorithm));
        return [kid, key] as const;
      }),
    );
    const published = keys.map((key) => toPublicKey(key.publicKey, key.kid, algorithm));
    const taken = new Set(verifying.map(([, key]) => key));
    return { signing, signers, verifying: new Map(verifying), taken, published };
  }

  /** Those that open, by `kid`. */
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

    isAccepted: (key) => isRecent(clock(), RELOAD_MS) && ring?.taken.has(key) === true,

    published: async () => (await recent(RELOAD_MS)).published,
  };
}

/**
 * The current key if it opens; else the one that has signed until now, as long as what it signs is taken.
 */
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

interface KeyMaker {
  readonly algorithm: AsymmetricAlgorithm;
  readonly sealer: Sealer;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The ring of an algorithm. A key that is missing in it is made; of many who make one, the first's counts. */
export async function readOrMakeKeys(
  store: SigningKeyStore,
  maker: KeyMaker,
): Promise<StoredKey[]> {
  const keys = await store.list(maker.algorithm);
  const isThere = (state: SigningKeyState) => keys.some((key) => key.state === state);
  if (isThere('current') && isThere('next')) return keys;
  await store.fill([await makeKey('current', maker), await makeKey('next', maker)]);
  return store.list(maker.algorithm);
}

/** A new key, sealed, for a place in the ring. */
export async function makeKey(
  state: SigningKeyState,
  { algorithm, sealer, now }: KeyMaker,
): Promise<StoredKey> {
  const { kid, publicKey, privateKey } = await generateSigningKey(algorithm);
  const sealedPrivateKey = await sealer.seal(privateKey, sealContext({ kid, algorithm }));
  const [createdAt, retiredAt] = [now, null];
  return { kid, algorithm, state, publicKey, sealedPrivateKey, createdAt, retiredAt };
}

/** The private part of a key; `undefined` where it does not open, or has been thrown away. */
export const openKey = async (key: StoredKey, sealer: Sealer) =>
  key.sealedPrivateKey === null ? undefined : sealer.open(key.sealedPrivateKey, sealContext(key));
