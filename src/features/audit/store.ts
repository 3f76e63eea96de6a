import { and, desc, eq, lt, lte } from 'drizzle-orm';
import type { Database } from '../../core/db/database.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { auditEvents, refusedLogins } from '../../core/db/schema.ts';
import type { RecordedEvent } from './event.ts';
import { countRefusal, eventColumns } from './statements.ts';

export interface AuditStore {
  /**
   * Lists the events of a user, newest first.
   *
   * @param before if given, returns only events with a smaller id
   */
  list(subjectId: number, before: number | undefined, limit: number): Promise<RecordedEvent[]>;
  /**
   * Deletes at most `limit` events that happened at or before `time`. Returns the number of deleted events.
   *
   * @param time milliseconds since 1970
   */
  removeUntil(time: number, limit: number): Promise<number>;
  /**
   * Counts a rejected login that is not recorded as an event, because the name is unknown or the account is locked.
   * Keeps one row per network and hour, so that unauthenticated callers cannot fill the database.
   *
   * @param network an IPv4 address or an IPv6 /48; empty if the address is unknown
   */
  countRefusal(network: string): Promise<void>;
  /** Deletes counts of rejected logins, like `removeUntil`. */
  removeRefusalsUntil(time: number, limit: number): Promise<number>;
}

/** @param clock milliseconds since 1970 */
export function createAuditStore(db: Database, clock: () => number): AuditStore {
  return {
    list(subjectId, before, limit) {
      return db
        .select(eventColumns)
        .from(auditEvents)
        .where(
          and(
            eq(auditEvents.subjectId, subjectId),
            before === undefined ? undefined : lt(auditEvents.id, before),
          ),
        )
        .orderBy(desc(auditEvents.id))
        .limit(limit);
    },

    removeUntil: (time, limit) => removeRows(db, auditEvents, lte(auditEvents.at, time), limit),

    async countRefusal(network) {
      await countRefusal(db, network, clock());
    },

    removeRefusalsUntil: (time, limit) =>
      removeRows(db, refusedLogins, lte(refusedLogins.hour, time), limit),
  };
}
