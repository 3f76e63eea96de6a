import { and, eq, inArray, lte, or, type SQL, sql } from 'drizzle-orm';
import { BoundedMap } from '../../core/bounded-map.ts';
import { randomBytes, toBase64Url } from '../../core/crypto/bytes.ts';
import type { Sealer } from '../../core/crypto/sealer.ts';
import { type Claim as Change, type Condition, type OnlyIf, onlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { insertWhere } from '../../core/db/insert-where.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { outbox, users } from '../../core/db/schema.ts';
import type { TraceContext } from '../../core/trace.ts';
import { type Channel, type Message, messageSchema } from './message.ts';

/** The purpose of the key that encrypts waiting messages. */
export const OUTBOX_PURPOSE = 'latchkey outbox v1';

/** For how long one server has a claimed message to itself, in milliseconds. */
export const CLAIM_MS = 120_000;
/** For how long rows are kept after their codes have expired, in milliseconds. */
const RETENTION_MS = 7 * 86_400_000;

interface Recipient {
  /**
   * Null for a decoy, which is stored like a message and never sent. In SQL for an account that the batch creates.
   */
  readonly userId: number | SQL | null;
  /** When its code expires: the last time at which it is sent. Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The trace of the request that causes the message. */
  readonly trace?: TraceContext | undefined;
}

/** A row that a claim has returned. */
export interface Taken {
  readonly id: string;
  readonly kind: string;
  readonly channel: Channel;
  /** Attempts to send it, including the one that begins with the claim. */
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A message that this server may send until its claim ends. */
export interface Claimed extends Taken {
  /** Identifies the claim, and when it ends. Milliseconds since 1970. */
  readonly lockedUntil: number;
  /** `undefined` if none of this server's secrets decrypts it. */
  readonly message: Message | undefined;
  /** The trace of the request that has caused it, if this process has queued it. */
  readonly trace: TraceContext | undefined;
}

/** What a claim returns. */
export interface Claim {
  readonly messages: readonly Claimed[];
  /** Messages that this claim has found expired: they are `dead` now. */
  readonly dead: readonly Taken[];
}

/** Builds the statement that queues a message if a condition holds. */
export type Queueing = (condition: Condition) => OnlyIf<Change>;

export interface Outbox {
  /**
   * Encrypts a message.
   *
   * @returns builds the statement that queues it if a condition holds, in the batch of the change that causes it
   */
  prepare(message: Message, recipient: Recipient): Promise<Queueing>;
  /**
   * Claims due messages of these channels for {@link CLAIM_MS}, oldest first, and ends expired ones of all channels; at
   * most `max` together. Each is returned to one caller only, however many claim at once.
   */
  claim(max: number, channels: readonly Channel[]): Promise<Claim>;
  /** Ends a message and deletes its content. Returns false, and changes nothing, if the claim is lost. */
  settle(claimed: Claimed, state: 'sent' | 'rejected' | 'dead'): Promise<boolean>;
  /**
   * Returns a message to the queue. Returns false, and changes nothing, if the claim is lost.
   *
   * @param notBefore milliseconds since 1970
   * @param isCounted false if the attempt does not count
   */
  postpone(claimed: Claimed, notBefore: number, isCounted?: boolean): Promise<boolean>;
  /** Deletes decoys, and rows whose code expired a week ago, at most `limit`. Returns the number of rows deleted. */
  removeOld(limit: number): Promise<number>;
}

/** Bounds the memory that traces of waiting messages take. */
const MAX_TRACES = 1000;

/** A literal: the partial index does not serve a bound parameter. */
const IS_WAITING: SQL = sql`state = 'waiting'`;

/** @param clock milliseconds since 1970 */
export function createOutbox(db: Database, sealer: Sealer, clock: () => number): Outbox {
  /** The traces of messages that this process has queued, by id. In memory: after a restart, nobody waits for them. */
  const traces = new BoundedMap<string, TraceContext>(MAX_TRACES);

  /** Updates a claimed row. The attempts and the end of the claim are those of this claim alone. */
  async function release(
    { id, attempts, lockedUntil }: Claimed,
    values: Partial<typeof outbox.$inferInsert>,
  ): Promise<boolean> {
    const isOurs = and(
      eq(outbox.id, id),
      eq(outbox.attempts, attempts),
      eq(outbox.lockedUntil, lockedUntil),
      IS_WAITING,
    );
    const released = await db
      .update(outbox)
      .set({ ...values, lockedUntil: null })
      .where(isOurs)
      .returning({ released: sql`1` });
    return released.length > 0;
  }

  return {
    async prepare(message, { userId, expiresAt, trace }) {
      const id = toBase64Url(randomBytes(16));
      if (trace && userId !== null) traces.set(id, trace);
      const sealed = await sealer.seal(JSON.stringify(message), id);
      const now = clock();
      const state = userId === null ? ('decoy' as const) : ('waiting' as const);
      const row = {
        ...{ id, userId, kind: message.kind, channel: message.channel, sealed, state },
        ...{ notBefore: now, createdAt: now },
        // The next housekeeping deletes decoys: strangers can cause many.
        expiresAt: userId === null ? now - RETENTION_MS : expiresAt,
      };
      // The account may have been deleted since it was read.
      const hasUser =
        userId === null
          ? sql`true`
          : sql`exists (select 1 from ${users} where ${users.id} = ${userId})`;
      return (condition) =>
        onlyIf(sql`${hasUser} and ${condition}`, (holds) =>
          insertWhere(db, outbox, row, holds).returning({ id: outbox.id }),
        );
    },

    async claim(max, channels) {
      const now = clock();
      const isExpired = lte(outbox.expiresAt, now);
      const due = db
        .select({ id: outbox.id })
        .from(outbox)
        .where(
          and(
            IS_WAITING,
            lte(outbox.notBefore, now),
            or(sql`${outbox.lockedUntil} is null`, lte(outbox.lockedUntil, now)),
            channels.length === 0
              ? isExpired
              : or(inArray(outbox.channel, [...channels]), isExpired),
          ),
        )
        .orderBy(outbox.notBefore)
        .limit(max);
      const taken = await db
        .update(outbox)
        .set({
          state: sql`case when ${isExpired} then 'dead' else 'waiting' end`,
          sealed: sql`case when ${isExpired} then null else ${outbox.sealed} end`,
          lockedUntil: sql`case when ${isExpired} then null else ${now + CLAIM_MS} end`,
          attempts: sql`${outbox.attempts} + case when ${isExpired} then 0 else 1 end`,
        })
        .where(sql`${outbox.id} in ${due}`)
        .returning({
          id: outbox.id,
          kind: outbox.kind,
          channel: outbox.channel,
          attempts: outbox.attempts,
          expiresAt: outbox.expiresAt,
          lockedUntil: outbox.lockedUntil,
          sealed: outbox.sealed,
        });
      const messages: Claimed[] = [];
      const dead: Taken[] = [];
      for (const { sealed, lockedUntil, ...row } of taken) {
        if (lockedUntil === null || sealed === null) dead.push(row);
        else {
          const message = await open(sealer, sealed, row.id);
          messages.push({ ...row, lockedUntil, message, trace: traces.get(row.id) });
        }
      }
      return { messages, dead };
    },

    settle(claimed, state) {
      traces.delete(claimed.id);
      return release(claimed, { state, sealed: null });
    },

    postpone: (claimed, notBefore, isCounted = true) =>
      release(claimed, { notBefore, attempts: claimed.attempts - (isCounted ? 0 : 1) }),

    removeOld: (limit) =>
      removeRows(db, outbox, lte(outbox.expiresAt, clock() - RETENTION_MS), limit),
  };
}

/** Decrypts a message. One of an older or a newer version may not parse. */
async function open(sealer: Sealer, sealed: string, id: string): Promise<Message | undefined> {
  const opened = await sealer.open(sealed, id);
  if (opened === undefined) return undefined;
  return messageSchema.safeParse(JSON.parse(opened.text)).data;
}
