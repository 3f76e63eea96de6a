import { and, type Column, eq, gte, type SQL, sql } from 'drizzle-orm';
import { reservedAddresses } from '../../core/db/account-schema.ts';
import type { Condition } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { NewCode } from '../codes/statements.ts';
import type { FoundCode } from '../codes/store.ts';
import { LIFETIME_MS } from '../messages/lifetimes.ts';
import { addressColumns, addressValues, otherKind } from '../users/statements.ts';

/** Reserves a verified address for its account as long as the link lives that restores it, if the condition holds. */
export function reserve(db: Database, undo: NewCode, condition: Condition) {
  const { channel, address, entered, userId, expiresAt } = undo;
  const { normalized, verifiedAt } = addressColumns(channel);
  return db
    .insert(reservedAddresses)
    .select(
      sql`select ${channel}, ${address}, ${entered}, ${users.id}, ${verifiedAt}, ${expiresAt} from ${users} where ${users.id} = ${userId} and ${normalized} = ${address} and ${verifiedAt} is not null and ${condition}`,
    )
    .onConflictDoUpdate({
      target: [reservedAddresses.channel, reservedAddresses.address],
      set: {
        ...{ userId: sql`excluded.user_id`, entered },
        ...{ verifiedAt: sql`excluded.verified_at`, reservedUntil: expiresAt },
      },
    });
}

/** True if {@link reserve} has reserved the address. */
export const isReservedFor = ({ channel, address, userId, expiresAt }: NewCode): Condition =>
  sql`exists (select 1 from ${reservedAddresses} where ${reservedAddresses.channel} = ${channel} and ${reservedAddresses.address} = ${address} and ${reservedAddresses.userId} = ${userId} and ${reservedAddresses.reservedUntil} = ${expiresAt})`;

/** When a reserved address was verified; now if it is not reserved for the account. */
export const verifiedBefore = (
  { channel, address, user }: Pick<FoundCode, 'channel' | 'address' | 'user'>,
  now: number,
): SQL =>
  sql`coalesce((select ${reservedAddresses.verifiedAt} from ${reservedAddresses} where ${reservedAddresses.channel} = ${channel} and ${reservedAddresses.address} = ${address} and ${reservedAddresses.userId} = ${user.id}), ${now})`;

/**
 * Deletes the reservations of an account that end at `until` or later, if the condition holds.
 *
 * @param until milliseconds since 1970
 */
export const removeReservationsFrom = (
  db: Database,
  userId: number,
  until: number,
  condition: Condition,
) =>
  db
    .delete(reservedAddresses)
    .where(
      and(
        eq(reservedAddresses.userId, userId),
        gte(reservedAddresses.reservedUntil, until),
        condition,
      ),
    );

/**
 * The values of the address of the other kind after a change has been undone, for an UPDATE of the account. If that
 * address was replaced since the change, the replaced one is restored. An address that was added since, or in the {@link
 * LIFETIME_MS.undo} before, is removed: nobody was told of it, and whoever made the change could get back in by it.
 */
export function otherAddressBefore({ user, channel, expiresAt }: FoundCode, now: number) {
  const other = otherKind(channel);
  const { entered, normalized, verifiedAt } = addressColumns(other);
  const ofOther = sql`${reservedAddresses.userId} = ${user.id} and ${reservedAddresses.channel} = ${other}`;
  const addedAfter = expiresAt - 2 * LIFETIME_MS.undo;
  /** The first address that was replaced since. */
  const since = sql`from ${reservedAddresses} where ${ofOther} and ${reservedAddresses.reservedUntil} >= ${expiresAt} order by ${reservedAddresses.reservedUntil} limit 1`;
  const wasReplaced = sql`exists (select 1 ${since})`;
  /** A notice of the replacement went to the address before, with a link of its own. */
  const isTold = sql`exists (select 1 from ${reservedAddresses} where ${ofOther} and ${reservedAddresses.reservedUntil} > ${now} and ${reservedAddresses.reservedUntil} < ${expiresAt} and ${reservedAddresses.verifiedAt} <= ${addedAfter})`;
  const wasAdded = sql`case when ${wasReplaced} then (select ${reservedAddresses.verifiedAt} ${since}) else ${verifiedAt} end > ${addedAfter} and not ${isTold}`;
  const valueFor = (restored: SQL, column: Column) =>
    sql`case when ${wasAdded} then null when ${wasReplaced} then ${restored} else ${column} end`;
  return addressValues(other, {
    entered: valueFor(sql`(select ${reservedAddresses.entered} ${since})`, entered),
    normalized: valueFor(sql`(select ${reservedAddresses.address} ${since})`, normalized),
    verifiedAt: valueFor(sql`(select ${reservedAddresses.verifiedAt} ${since})`, verifiedAt),
  });
}
