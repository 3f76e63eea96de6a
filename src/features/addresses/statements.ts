import { and, eq, sql } from 'drizzle-orm';
import type { Condition } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { reservedAddresses, users } from '../../core/db/schema.ts';
import type { NewCode } from '../codes/statements.ts';
import { addressColumns } from '../users/statements.ts';

/** Reserves a verified address for its account as long as the link lives that restores it, if the condition holds. */
export function reserve(db: Database, undo: NewCode, condition: Condition) {
  const { channel, address, entered, userId, expiresAt } = undo;
  const { normalized, verifiedAt } = addressColumns(channel);
  return db
    .insert(reservedAddresses)
    .select(
      sql`select ${channel}, ${address}, ${entered}, ${users.id}, ${expiresAt} from ${users} where ${users.id} = ${userId} and ${normalized} = ${address} and ${verifiedAt} is not null and ${condition}`,
    )
    .onConflictDoUpdate({
      target: [reservedAddresses.channel, reservedAddresses.address],
      set: { userId: sql`excluded.user_id`, entered, reservedUntil: expiresAt },
    });
}

/** True if {@link reserve} has reserved the address. */
export const isReservedFor = ({ channel, address, userId, expiresAt }: NewCode): Condition =>
  sql`exists (select 1 from ${reservedAddresses} where ${reservedAddresses.channel} = ${channel} and ${reservedAddresses.address} = ${address} and ${reservedAddresses.userId} = ${userId} and ${reservedAddresses.reservedUntil} = ${expiresAt})`;

/** Deletes the reservation of an address for an account, if the condition holds. */
export const removeReservation = (
  db: Database,
  { channel, address, userId }: Pick<NewCode, 'channel' | 'address' | 'userId'>,
  condition: Condition,
) =>
  db
    .delete(reservedAddresses)
    .where(
      and(
        eq(reservedAddresses.channel, channel),
        eq(reservedAddresses.address, address),
        eq(reservedAddresses.userId, userId ?? 0),
        condition,
      ),
    );
