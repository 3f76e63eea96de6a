import { lte } from 'drizzle-orm';
import { knownNetworks } from '../../core/db/account-schema.ts';
import type { Database } from '../../core/db/database.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { NETWORK_KNOWN_MS } from './known.ts';

/** The networks that accounts are used from. */
export interface NetworkStore {
  /** Deletes at most `limit` networks that have not been used for 90 days. Returns the number of deleted rows. */
  removeOld(limit: number): Promise<number>;
}

/** @param clock milliseconds since 1970 */
export const createNetworkStore = (db: Database, clock: () => number): NetworkStore => ({
  removeOld(limit) {
    const isExpired = lte(knownNetworks.lastSeenAt, clock() - NETWORK_KNOWN_MS);
    return removeRows(db, knownNetworks, isExpired, limit);
  },
});
