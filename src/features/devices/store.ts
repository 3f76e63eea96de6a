import { and, desc, eq, gt, lte, sql } from 'drizzle-orm';
import { knownDevices } from '../../core/db/account-schema.ts';
import { type Condition, change, type OnlyIf, onlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged } from '../audit/statements.ts';
import { DEVICE_FAILURE, isFailing } from './statements.ts';
import type { DeviceToken } from './token.ts';

/** A device with the fields that its user may see. */
export interface Device {
  readonly id: string;
  /** Milliseconds since 1970, like all times here. */
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  readonly userAgent: string | null;
  readonly address: string | null;
}

/** The devices that users have logged in on. */
export interface DeviceStore {
  /** The devices of a user whose tokens have not expired, the last used first. */
  list(userId: number): Promise<Device[]>;
  /**
   * Removes a device of a user. Returns false if the user has no such device.
   *
   * @param isLoggedIn must hold for the row of `users`: that the session of the caller is live
   */
  remove(id: string, userId: number, isLoggedIn: Condition, event: AuditEvent): Promise<boolean>;
  /**
   * Counts and records a wrong password with a token, in one batch. Returns false, and counts nothing, if the token has
   * no effect (any more): the failure then counts for the account.
   */
  recordFailure(userId: number, device: DeviceToken, failure: AuditEvent): Promise<boolean>;
  /** The statement that removes all devices of a user, if the condition holds. For batches of other features. */
  endAllOf(userId: number, condition: Condition): OnlyIf;
  /** Deletes at most `limit` expired devices. Returns their number. */
  removeExpired(limit: number): Promise<number>;
}

/** @param clock milliseconds since 1970 */
export function createDeviceStore(db: Database, clock: () => number): DeviceStore {
  return {
    list(userId) {
      const { id, createdAt, lastUsedAt, expiresAt, userAgent, address } = knownDevices;
      return db
        .select({ id, createdAt, lastUsedAt, expiresAt, userAgent, address })
        .from(knownDevices)
        .where(and(eq(knownDevices.userId, userId), gt(expiresAt, clock())))
        .orderBy(desc(lastUsedAt), sql`rowid desc`);
    },

    async remove(id, userId, isLoggedIn, event) {
      const isUser = sql`exists (select 1 from ${users} where ${users.id} = ${userId} and ${isLoggedIn})`;
      const removed = await change(db, {
        claim: db
          .delete(knownDevices)
          .where(
            and(
              eq(knownDevices.id, id),
              eq(knownDevices.userId, userId),
              gt(knownDevices.expiresAt, clock()),
              isUser,
            ),
          )
          .returning({ id: knownDevices.id }),
        ifChanged: [recordEventIfChanged(db, userId, event)],
      });
      return removed.length > 0;
    },

    async recordFailure(userId, device, failure) {
      const now = clock();
      const counted = await change(db, {
        claim: db
          .update(knownDevices)
          .set(DEVICE_FAILURE)
          .where(isFailing(userId, device, now))
          .returning({ id: knownDevices.id }),
        ifChanged: [recordEventIfChanged(db, userId, failure)],
      });
      return counted.length > 0;
    },

    endAllOf: (userId, condition) =>
      onlyIf(condition, (holds) =>
        db.delete(knownDevices).where(and(eq(knownDevices.userId, userId), holds)),
      ),

    removeExpired: (limit) =>
      removeRows(db, knownDevices, lte(knownDevices.expiresAt, clock()), limit),
  };
}
