import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
import { knownNetworks, refusedLogins, users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventWhere } from '../audit/statements.ts';
import { NETWORK_KNOWN_MS } from '../passwords/lockout.ts';

/** Networks that are kept of one account: those of logins first, so that a stolen session cannot evict them. */
const MAX_NETWORKS = 50;
const HOUR_MS = 3_600_000;
/** The use of a session is noted no more often than this. */
const NOTE_INTERVAL_MS = 86_400_000;

interface Visit {
  readonly userId: number;
  readonly network: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly isLogin: boolean;
  /** What must be true, in SQL. */
  readonly condition: SQL;
  /** Recorded where the account has been used of late, and never from this network. */
  readonly event: AuditEvent;
}

/** Statements that note which network an account is used from, and record one that is new to it. */
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

/** Counts a refused login by its network and hour. @param now milliseconds since 1970 */
export const countRefusal = (db: Database, network: string, now: number) =>
  db
    .insert(refusedLogins)
    .values({ hour: now - (now % HOUR_MS), network, count: 1 })
    .onConflictDoUpdate({
      target: [refusedLogins.hour, refusedLogins.network],
      set: { count: sql`${refusedLogins.count} + 1` },
    });

/** Makes the network that an account was signed up from a known one. Behind the statement that made the account. */
export const knowFirstNetwork = (db: Database, isNewUser: SQL, network: string, now: number) =>
  db
    .insert(knownNetworks)
    .select(sql`select ${users.id}, ${network}, ${now}, ${now} from ${users} where ${isNewUser}`);
