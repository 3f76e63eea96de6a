import { type SQL, sql } from 'drizzle-orm';
import { knownNetworks } from '../../core/db/account-schema.ts';
import { ifChanged } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventWhere } from '../audit/statements.ts';
import { NETWORK_KNOWN_MS } from './known.ts';

/**
 * Maximum number of stored networks per account. Networks of logins are evicted last, so that a stolen session cannot
 * evict them.
 */
const MAX_NETWORKS = 50;
/** Minimum time between two updates of a network by sessions in use. */
const NOTE_INTERVAL_MS = 86_400_000;

interface Visit {
  readonly userId: number;
  readonly network: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly isLogin: boolean;
  /** The condition under which the visit is stored. */
  readonly condition: SQL;
  /** Recorded if the account was used within {@link NETWORK_KNOWN_MS}, but not from this network. */
  readonly event: AuditEvent;
}

/**
 * Returns the statements that store the network from which an account is used, and record an event if the network is
 * new.
 */
export function noteNetwork(db: Database, visit: Visit) {
  const { userId, network, now, isLogin, condition, event } = visit;
  const ofUser = sql`${knownNetworks.userId} = ${userId} and ${knownNetworks.lastSeenAt} > ${now - NETWORK_KNOWN_MS}`;
  const isKnown = sql`exists (select 1 from ${knownNetworks} where ${ofUser} and ${knownNetworks.network} = ${network})`;
  const hasOthers = sql`exists (select 1 from ${knownNetworks} where ${ofUser})`;
  const newest = sql`(select ${knownNetworks.network} from ${knownNetworks} where ${knownNetworks.userId} = ${userId} order by ${knownNetworks.lastLoginAt} is null, ${knownNetworks.lastSeenAt} desc limit ${MAX_NETWORKS})`;
  return [
    recordEventWhere(db, userId, event, sql`${condition} and ${hasOthers} and not ${isKnown}`),
    db
      .insert(knownNetworks)
      .select(sql`select ${userId}, ${network}, ${now}, ${isLogin ? now : null} where ${condition}`)
      .onConflictDoUpdate({
        target: [knownNetworks.userId, knownNetworks.network],
        set: { lastSeenAt: now, ...(isLogin && { lastLoginAt: now }) },
        setWhere: isLogin
          ? sql`true`
          : sql`${knownNetworks.lastSeenAt} <= ${now - NOTE_INTERVAL_MS}`,
      }),
    db
      .delete(knownNetworks)
      .where(
        sql`${knownNetworks.userId} = ${userId} and ${knownNetworks.network} not in ${newest}`,
      ),
  ] as const;
}

/** Stores the network of a sign-up as known, if the account was inserted: follows the event that records it. */
export const storeFirstNetwork = (db: Database, ofNewUser: SQL, network: string, now: number) =>
  ifChanged((hasChanged) =>
    db
      .insert(knownNetworks)
      .select(
        sql`select ${users.id}, ${network}, ${now}, ${now} from ${users} where ${hasChanged} and ${ofNewUser}`,
      ),
  );
