import { sql } from 'drizzle-orm';
import { randomBytes, toBase64Url } from '../../core/crypto/bytes.ts';
import type { Sealer } from '../../core/crypto/sealer.ts';
import { type Condition, type OnlyIf, onlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { outbox } from '../../core/db/schema.ts';
import type { Message } from './message.ts';

/** The purpose of the key that encrypts waiting messages. */
export const OUTBOX_PURPOSE = 'latchkey outbox v1';

interface Recipient {
  /** Null for a decoy, which is stored like a message and never sent. */
  readonly userId: number | null;
  /** When its code expires: the last time at which it is sent. Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Queues messages in the batch of the change that causes them. */
export interface Outbox {
  /**
   * Encrypts a message.
   *
   * @returns builds the statement that queues it if a condition holds
   */
  prepare(message: Message, recipient: Recipient): Promise<(condition: Condition) => OnlyIf>;
}

/** @param clock milliseconds since 1970 */
export const createOutbox = (db: Database, sealer: Sealer, clock: () => number): Outbox => ({
  async prepare(message, { userId, expiresAt }) {
    const id = toBase64Url(randomBytes(16));
    const sealed = await sealer.seal(JSON.stringify(message), id);
    const now = clock();
    const state = userId === null ? 'decoy' : 'waiting';
    const values = [id, userId, message.kind, message.channel, sealed, state, 0, now, null, now];
    const row = sql.join(
      [...values, expiresAt].map((value) => sql`${value}`),
      sql`, `,
    );
    return (condition) =>
      onlyIf(condition, (holds) => db.insert(outbox).select(sql`select ${row} where ${holds}`));
  },
});
