import { eq, lte, type SQL, sql } from 'drizzle-orm';
import { changeInTurn } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { rateLimits } from '../../core/db/schema.ts';
import type { LimitName } from '../../core/metrics/metrics.ts';
import { type Quota, toVerdict, type Verdict } from '../../core/quota.ts';
import { isNetworkOfAccount, NETWORK_KNOWN_MS } from '../networks/known.ts';
import { prepareHit } from './statements.ts';

/** The name of a limit. One with several windows adds the length of each, in seconds. */
export type HitName = LimitName | `${LimitName}-${number}`;

/** One use of a quota. */
export interface Hit {
  /** Names the quota in headers. */
  readonly name: HitName;
  /** Identifies the counter. */
  readonly key: string;
  readonly quota: Quota;
  /** Who is exempt from the quota. */
  readonly exempt?: Exemption | undefined;
}

/** Callers that a hit passes regardless of the counter, and is not counted for. They concern one account. */
export interface Exemption {
  /**
   * `network`: callers from a known network of the account. `device`: callers with the token of a device of the account.
   * `either`: both. `others`: all except those with such a token.
   */
  readonly who: 'network' | 'device' | 'either' | 'others';
  readonly identifier: string;
  readonly network: string;
  /** The hashes that the presented device token may be stored as. */
  readonly hashes: readonly string[];
}

export interface RateLimitStore {
  /**
   * Counts hits in one batch. Each counts only if all hits before it were counted: a caller that one quota rejects must
   * not use up quotas that it shares with others. All servers of a database share the counters.
   *
   * @returns the verdicts, up to and including the first rejection
   */
  take(hits: readonly [Hit, ...Hit[]]): Promise<Verdict<HitName>[]>;
  /**
   * The same, for a caller who is not told when a quota resets: one database request less after a rejection.
   *
   * @returns the name of the first hit that was rejected; `undefined` if all were counted
   */
  firstRejection(hits: readonly [Hit, ...Hit[]]): Promise<HitName | undefined>;
  /** Deletes at most `limit` counters whose window has ended. Returns the number of deleted rows. */
  removeEnded(limit: number): Promise<number>;
}

/**
 * @param clock milliseconds since 1970
 * @param isDevice true if the account with an identifier has a device with one of these hashes. Placeholders:
 * `identifier`, `hashes`, `now`
 */
export function createRateLimitStore(
  db: Database,
  clock: () => number,
  isDevice: SQL,
): RateLimitStore {
  const isExempt = {
    network: isNetworkOfAccount,
    device: isDevice,
    either: sql`(${isNetworkOfAccount} or ${isDevice})`,
    others: sql`not ${isDevice}`,
  };
  /** Prepares the statement for each kind of caller when it is first needed: most servers need few of them. */
  function prepareHits(condition: SQL) {
    const prepared = new Map<Exemption['who'] | undefined, ReturnType<typeof prepareHit>>();
    return (who?: Exemption['who']) => {
      const hit = prepared.get(who) ?? prepareHit(db, condition, who && isExempt[who]);
      prepared.set(who, hit);
      return hit;
    };
  }
  const firstHits = prepareHits(sql`true`);
  const nextHits = prepareHits(sql`changes() > 0`);

  function countBy(hits: typeof firstHits, { key, quota, exempt }: Hit, now: number) {
    if (!exempt) return hits()(key, quota, now);
    const { who, identifier, network, hashes } = exempt;
    return hits(who)(key, quota, now, {
      ...{ identifier, network, hashes: JSON.stringify(hashes) },
      knownSince: now - NETWORK_KNOWN_MS,
    });
  }

  /** The verdict for a hit that was not counted because its quota is used up. */
  async function rejection({ name, key, quota }: Hit): Promise<Verdict<HitName>> {
    const [row] = await db
      .select({ resetsAt: rateLimits.resetsAt })
      .from(rateLimits)
      .where(eq(rateLimits.key, key));
    const now = clock();
    return toVerdict(name, quota, quota.count + 1, (row?.resetsAt ?? now) - now);
  }

  const count = ([first, ...others]: readonly [Hit, ...Hit[]], now: number) =>
    changeInTurn(db, [
      countBy(firstHits, first, now),
      ...others.map((hit) => countBy(nextHits, hit, now)),
    ]);

  return {
    async take(hits) {
      const now = clock();
      const counted = await count(hits, now);
      const verdicts: Verdict<HitName>[] = [];
      for (const [i, hit] of hits.entries()) {
        const [row] = counted[i] ?? [];
        if (!row) return [...verdicts, await rejection(hit)];
        verdicts.push(toVerdict(hit.name, hit.quota, row.hits, row.resetsAt - now));
      }
      return verdicts;
    },

    async firstRejection(hits) {
      const counted = await count(hits, clock());
      return hits.find((_, i) => counted[i]?.length === 0)?.name;
    },

    removeEnded: (limit) => removeRows(db, rateLimits, lte(rateLimits.resetsAt, clock()), limit),
  };
}
