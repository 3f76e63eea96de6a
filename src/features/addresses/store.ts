import { and, eq, gte, isNotNull, isNull, lte, sql } from 'drizzle-orm';
import { reservedAddresses } from '../../core/db/account-schema.ts';
import type { Statement } from '../../core/db/change.ts';
import { type Database, isUniqueViolation } from '../../core/db/database.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { sessions, users } from '../../core/db/schema.ts';
import { AppError } from '../../core/errors.ts';
import type { AuditEvent } from '../audit/event.ts';
import { isRecorded, recordEventWhere } from '../audit/statements.ts';
import { changeByCode } from '../codes/change-by-code.ts';
import { endAccess } from '../codes/end-access.ts';
import { insertCode, type NewCode } from '../codes/statements.ts';
import type { CodeStore, FoundCode } from '../codes/store.ts';
import type { DeviceStore } from '../devices/store.ts';
import { LIFETIME_MS } from '../messages/lifetimes.ts';
import type { Channel } from '../messages/message.ts';
import type { Queueing } from '../messages/store.ts';
import type { FirstAdmin } from '../roles/first-admin.ts';
import { mayLoseAddress } from '../roles/statements.ts';
import type { SessionStore } from '../sessions/store.ts';
import {
  addressColumns,
  addressValues,
  changedValues,
  disabledUnlessReachable,
  NO_ADDRESS,
  otherKind,
} from '../users/statements.ts';
import {
  isReservedFor,
  otherAddressBefore,
  removeReservationsFrom,
  reserve,
  verifiedBefore,
} from './statements.ts';

/** What a change of address meets. */
export interface Situation {
  /** The current address, normalized; null if the account has none. */
  readonly current: string | null;
  readonly isCurrentVerified: boolean;
  /** Another account with the new address. */
  readonly holder: { readonly id: number; readonly isVerified: boolean } | undefined;
  /** True if the new address is reserved for another account. */
  readonly isReserved: boolean;
}

interface AddressChange {
  readonly found: FoundCode;
  readonly situation: Situation;
  readonly event: AuditEvent;
  /** Recorded for an account that loses the address. */
  readonly loss: AuditEvent;
  /** The link that restores the current address, if that is verified. Its expiry is that of the reservation. */
  readonly undo: NewCode | undefined;
  /** Queues the notice to the current address, if there is one. */
  readonly notice: Queueing | undefined;
  /** Queues the notice to the address of the other kind, and the link in it that removes the new address. */
  readonly other: { readonly notice: Queueing; readonly removal: NewCode | undefined } | undefined;
}

export interface AddressStore {
  situationOf(found: FoundCode): Promise<Situation>;
  /**
   * Changes the address of an account to that of a link or code, in one batch. An account that merely entered the
   * address loses it; if it has no other, it is disabled and its sessions end. The last administrator keeps what it
   * logs in by. Returns false, and changes nothing, if the link or code is no longer accepted.
   *
   * @throws AppError `email_taken` or `phone_taken`
   */
  change(change: AddressChange): Promise<boolean>;
  /**
   * Restores a replaced address and removes the password, in one batch. Later changes of the account's addresses are
   * undone with it, and their links end; links that undo earlier changes stay valid. Returns false if the link is not
   * accepted.
   */
  undo(found: FoundCode, event: AuditEvent): Promise<boolean>;
  /**
   * Takes an added address, or what has replaced it, away from an account, in one batch. Returns false if the link is
   * not accepted, or the last administrator could not log in any more.
   */
  remove(found: FoundCode, event: AuditEvent): Promise<boolean>;
  /**
   * Takes an unverified address away from an account, in one batch. Returns false if the link is not accepted, or the
   * last administrator could not log in any more.
   */
  release(found: FoundCode, event: AuditEvent): Promise<boolean>;
  /** Deletes expired reservations, at most `limit`. Returns their number. */
  removeExpired(limit: number): Promise<number>;
}

export interface AddressStoreParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly codes: Pick<CodeStore, 'claim' | 'isClaimable' | 'end' | 'endOfAddress'>;
  readonly firstAdmin: Pick<FirstAdmin, 'promote'>;
  readonly devices: Pick<DeviceStore, 'endAllOf'>;
  readonly sessions: Pick<SessionStore, 'endAllOf'>;
}

const takenCode = (channel: Channel) => (channel === 'email' ? 'email_taken' : 'phone_taken');

export function createAddressStore(parts: AddressStoreParts): AddressStore {
  const { db, clock, codes, firstAdmin } = parts;

  /** Takes the address away from an account that has not verified it, before another account gets it. */
  function takeFromHolder({ found, situation, loss }: AddressChange): readonly Statement[] {
    const { holder } = situation;
    if (!holder || holder.isVerified) return [];
    const now = clock();
    const { normalized, verifiedAt } = addressColumns(found.channel);
    const isHolder = and(
      eq(users.id, holder.id),
      eq(normalized, found.address),
      isNull(verifiedAt),
      mayLoseAddress(found.channel, holder.id, true),
      codes.isClaimable(found),
    );
    const hasLost = sql`exists (select 1 from ${users} where ${users.id} = ${holder.id} and ${users.disabledAt} is not null) and ${codes.isClaimable(found)}`;
    return [
      recordEventWhere(db, holder.id, loss, sql`exists (select 1 from ${users} where ${isHolder})`),
      db
        .update(users)
        .set({
          ...addressValues(found.channel, NO_ADDRESS),
          ...changedValues(now),
          disabledAt: disabledUnlessReachable(found.channel, now),
        })
        .where(isHolder),
      db.delete(sessions).where(and(eq(sessions.userId, holder.id), hasLost)),
    ];
  }

  return {
    async situationOf({ user, channel, address }) {
      const own = addressColumns(channel);
      const holder = (column: string) =>
        sql`(select ${sql.raw(column)} from ${users} as holder where ${sql.raw(`holder.${own.normalized.name}`)} = ${address} and holder.id <> ${user.id})`;
      const [row] = await db
        .select({
          current: own.normalized,
          verifiedAt: own.verifiedAt,
          holderId: sql<number | null>`${holder('holder.id')}`,
          holderVerifiedAt: sql<number | null>`${holder(`holder.${own.verifiedAt.name}`)}`,
          isReserved: sql<number>`exists (select 1 from ${reservedAddresses} where ${reservedAddresses.channel} = ${channel} and ${reservedAddresses.address} = ${address} and ${reservedAddresses.userId} <> ${user.id} and ${reservedAddresses.reservedUntil} > ${clock()})`,
        })
        .from(users)
        .where(eq(users.id, user.id));
      if (!row) throw new AppError('invalid_code');
      const { current, verifiedAt, holderId, holderVerifiedAt, isReserved } = row;
      return {
        current,
        isCurrentVerified: verifiedAt !== null,
        holder:
          holderId === null ? undefined : { id: holderId, isVerified: holderVerifiedAt !== null },
        isReserved: isReserved !== 0,
      };
    },

    async change(requested) {
      const { found, situation, event, undo, notice, other } = requested;
      const { user, channel, address, entered } = found;
      if (situation.isReserved || situation.holder?.isVerified) {
        throw new AppError(takenCode(channel));
      }
      const now = clock();
      const { normalized } = addressColumns(channel);
      const isChanged = isRecorded(user.id, event);
      const isUndoable = undo && sql`${isChanged} and ${isReservedFor(undo)}`;
      try {
        return await changeByCode(db, codes, {
          ...{ found, event, now },
          values: addressValues(channel, { entered, normalized: address, verifiedAt: now }),
          before: [
            ...takeFromHolder(requested),
            ...(undo ? [reserve(db, undo, codes.isClaimable(found))] : []),
          ],
          consequences: [
            codes.end(user.id, isChanged, { purposes: ['change', 'verify', 'release'], channel }),
            ...(undo && isUndoable ? [insertCode(db, undo, now, isUndoable)] : []),
            ...(notice ? [notice(isUndoable ?? isChanged)] : []),
            ...(other?.removal ? [insertCode(db, other.removal, now, isChanged)] : []),
            ...(other ? [other.notice(isChanged)] : []),
            ...(await firstAdmin.promote(found, event)),
          ],
        });
      } catch (cause) {
        if (!isUniqueViolation(cause, `users.${normalized.name}`)) throw cause;
        throw new AppError(takenCode(channel), { cause });
      }
    },

    undo(found, event) {
      const { user, channel, address, entered, expiresAt } = found;
      const now = clock();
      const isUndone = isRecorded(user.id, event);
      const verifiedAt = verifiedBefore(found, now);
      return changeByCode(db, codes, {
        ...{ found, event, now },
        values: {
          // The reservation has kept the address free.
          ...addressValues(channel, { entered, normalized: address, verifiedAt }),
          ...otherAddressBefore(found, now),
          passwordHash: null,
        },
        consequences: [
          ...endAccess(parts, user.id, isUndone),
          codes.end(user.id, isUndone, { purposes: ['undo', 'remove'], expiringFrom: expiresAt }),
          removeReservationsFrom(db, user.id, expiresAt, isUndone),
        ],
      });
    },

    remove(found, event) {
      const { user, channel, expiresAt } = found;
      const { verifiedAt } = addressColumns(channel);
      const other = addressColumns(otherKind(channel));
      const isRemoved = isRecorded(user.id, event);
      const requires = mayLoseAddress(channel, user.id, false);
      return changeByCode(db, codes, {
        ...{ found: { ...found, requires }, event, now: clock() },
        values: { ...addressValues(channel, NO_ADDRESS), passwordHash: null },
        condition: and(gte(verifiedAt, expiresAt - LIFETIME_MS.undo), isNotNull(other.normalized)),
        consequences: [
          ...endAccess(parts, user.id, isRemoved),
          // Whoever added the address could restore it by the notice of its replacement.
          codes.end(user.id, isRemoved, { purposes: ['undo'], channel, expiringFrom: expiresAt }),
        ],
      });
    },

    release(found, event) {
      const { user, channel, address } = found;
      const now = clock();
      const { normalized, verifiedAt } = addressColumns(channel);
      const requires = mayLoseAddress(channel, user.id, false);
      return changeByCode(db, codes, {
        ...{ found: { ...found, requires }, event, now },
        values: {
          ...addressValues(channel, NO_ADDRESS),
          passwordHash: null,
          disabledAt: disabledUnlessReachable(channel, now),
        },
        condition: and(eq(normalized, address), isNull(verifiedAt)),
        consequences: [
          ...endAccess(parts, user.id, isRecorded(user.id, event)),
          // A change to this address that waits for its confirmation.
          codes.endOfAddress(found),
        ],
      });
    },

    removeExpired: (limit) =>
      removeRows(db, reservedAddresses, lte(reservedAddresses.reservedUntil, clock()), limit),
  };
}
