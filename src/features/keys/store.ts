import { and, asc, eq, lt, type SQL, sql } from 'drizzle-orm';
import { change } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { signingKeys } from '../../core/db/schema.ts';
import type { StoredKey } from './signing-key.ts';

const keyColumns = {
  kid: signingKeys.kid,
  algorithm: signingKeys.algorithm,
  state: signingKeys.state,
  publicKey: signingKeys.publicKey,
  sealedPrivateKey: signingKeys.sealedPrivateKey,
  createdAt: signingKeys.createdAt,
  retiredAt: signingKeys.retiredAt,
};

/** A change to the ring. */
export interface KeyRotation {
  readonly algorithm: string;
  /** New keys to add to the ring. */
  readonly fresh: readonly StoredKey[];
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Deletes the keys that were retired before this time. Milliseconds since 1970. */
  readonly deleteRetiredBefore: number;
}

export interface SigningKeyStore {
  /** Lists the keys of one algorithm, or of all: first retired keys, then the current key, then the next one. */
  list(algorithm?: string): Promise<StoredKey[]>;
  /** Adds the keys whose place is free: an algorithm has one `current` and one `next` key. */
  fill(keys: readonly [StoredKey, ...StoredKey[]]): Promise<void>;
  /**
   * Retires the current key and makes the next one current, in one batch. If the keys are no longer the expected ones,
   * rotates nothing and returns false.
   *
   * @param expected the `kid`s of both keys, as the caller has read them
   */
  rotate(expected: { current: string; next: string }, rotation: KeyRotation): Promise<boolean>;
  /** Retires the current key, deletes the next one and adds new keys, in one batch. */
  replace(rotation: KeyRotation): Promise<void>;
  /** Deletes every key of the algorithm and adds new keys, in one batch. */
  revoke(rotation: Pick<KeyRotation, 'algorithm' | 'fresh'>): Promise<void>;
  /** Replaces an encrypted private key, if it is still the one that the caller has read. */
  reseal(key: Pick<StoredKey, 'kid' | 'sealedPrivateKey'>, sealed: string): Promise<void>;
}

export function createSigningKeyStore(db: Database): SigningKeyStore {
  const fillPlace = (key: StoredKey) =>
    db.insert(signingKeys).values(key).onConflictDoNothing().returning({ kid: signingKeys.kid });

  const retire = (at: number, which: SQL | undefined) =>
    db
      .update(signingKeys)
      .set({ state: 'previous', retiredAt: at, sealedPrivateKey: null })
      .where(and(eq(signingKeys.state, 'current'), which))
      .returning({ kid: signingKeys.kid });

  const deleteRetired = ({ algorithm, deleteRetiredBefore }: KeyRotation) =>
    db
      .delete(signingKeys)
      .where(
        and(
          eq(signingKeys.algorithm, algorithm),
          eq(signingKeys.state, 'previous'),
          lt(signingKeys.retiredAt, deleteRetiredBefore),
        ),
      );

  return {
    list(algorithm) {
      return db
        .select(keyColumns)
        .from(signingKeys)
        .where(algorithm === undefined ? undefined : eq(signingKeys.algorithm, algorithm))
        .orderBy(
          asc(signingKeys.algorithm),
          sql`${signingKeys.retiredAt} is null`,
          asc(signingKeys.retiredAt),
          asc(signingKeys.state),
        );
    },

    async fill([first, ...others]) {
      await change(db, { claim: fillPlace(first), consequences: others.map(fillPlace) });
    },

    async rotate({ current, next }, rotation) {
      const isNextThere = sql`exists (select 1 from ${signingKeys} as n where n.kid = ${next} and n.state = 'next')`;
      const isPlaceFree = sql`not exists (select 1 from ${signingKeys} as c where c.algorithm = ${rotation.algorithm} and c.state = 'current')`;
      const promoted = await change(db, {
        before: [retire(rotation.at, and(eq(signingKeys.kid, current), isNextThere))],
        claim: db
          .update(signingKeys)
          .set({ state: 'current' })
          .where(and(eq(signingKeys.kid, next), eq(signingKeys.state, 'next'), isPlaceFree))
          .returning({ kid: signingKeys.kid }),
        consequences: [...rotation.fresh.map(fillPlace), deleteRetired(rotation)],
      });
      return promoted.length > 0;
    },

    async replace(rotation) {
      const { algorithm, at, fresh } = rotation;
      const unused = and(eq(signingKeys.algorithm, algorithm), eq(signingKeys.state, 'next'));
      await change(db, {
        claim: retire(at, eq(signingKeys.algorithm, algorithm)),
        consequences: [
          db.delete(signingKeys).where(unused),
          ...fresh.map(fillPlace),
          deleteRetired(rotation),
        ],
      });
    },

    async revoke({ algorithm, fresh }) {
      await change(db, {
        claim: db
          .delete(signingKeys)
          .where(eq(signingKeys.algorithm, algorithm))
          .returning({ kid: signingKeys.kid }),
        consequences: fresh.map(fillPlace),
      });
    },

    async reseal({ kid, sealedPrivateKey }, sealed) {
      if (sealedPrivateKey === null) return;
      await db
        .update(signingKeys)
        .set({ sealedPrivateKey: sealed })
        .where(and(eq(signingKeys.kid, kid), eq(signingKeys.sealedPrivateKey, sealedPrivateKey)));
    },
  };
}
