import { and, eq, lte, sql } from 'drizzle-orm';
import { deletedAccounts } from '../../core/db/account-schema.ts';
import { type Condition, change, ifChanged, type NewValues } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { insertWhere } from '../../core/db/insert-where.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { auditEvents, outbox, users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged } from '../audit/statements.ts';
import { releaseAvatar } from '../avatars/statements.ts';
import type { NoticeStatements } from '../notices/service.ts';
import { leavesAnAdmin } from '../roles/statements.ts';
import type { SessionStore } from '../sessions/store.ts';
import { forgetImportedAddresses } from './statements.ts';

export interface AccountStore {
  /** Finds the language of an account; null for English. */
  findLocale(id: number): Promise<string | null>;
  /**
   * Deletes an account with all rows that belong to it, also its waiting messages, in one batch. Its audit events stay,
   * and the account is noted, so that they are cleared. So does the row of its picture, until the file is deleted.
   * Returns false, and changes nothing, if the session is not a live and fresh one of an enabled account, or the account
   * is the last administrator.
   *
   * @param notice queues the message that reports it
   */
  delete(
    owner: { readonly id: number; readonly sessionId: string },
    event: AuditEvent,
    notice: NoticeStatements | undefined,
  ): Promise<boolean>;
  /**
   * Removes address, user agent and detail from events of deleted accounts; of the events of others that they have
   * caused as administrators, not the detail. At most `limit` events, in batches that the next ones continue. Returns
   * their number.
   */
  clearEvents(limit: number): Promise<number>;
  /** The same. Also returns how many batches this took. */
  clearSome(limit: number): Promise<{ readonly events: number; readonly batches: number }>;
  /** Forgets at most `limit` accounts that were deleted a day ago and whose events are cleared. Returns their number. */
  removeCleared(limit: number): Promise<number>;
}

export interface AccountStoreParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly sessions: Pick<SessionStore, 'isFreshlyLoggedInBy'>;
}

/** For how long a deleted account is noted, because a request in flight may record an event after the deletion. */
const NOTED_MS = 86_400_000;

/** What is removed from the events of a deleted account. */
interface Trace {
  /** True for an event of the `deleted_accounts` row that is not cleared. */
  readonly isUncleared: Condition;
  /** What is removed. */
  readonly values: NewValues<typeof auditEvents>;
  /** Notes `done.last`, the last event from which it was removed. */
  readonly progress: NewValues<typeof deletedAccounts>;
}

/** The events of the account. */
const OWN: Trace = {
  isUncleared: sql`${auditEvents.subjectId} = ${deletedAccounts.id} and ${auditEvents.id} > ${deletedAccounts.clearedTo}`,
  values: {
    address: null,
    userAgent: null,
    // Who deletes the account of another person keeps answering for it.
    detail: sql`case when ${auditEvents.action} = 'account_delete' then ${auditEvents.detail} else '{}' end`,
  },
  progress: { clearedTo: sql`done.last` },
};

/** The events of other accounts that it has caused as an administrator. Their details are about these accounts. */
const ACTS: Trace = {
  isUncleared: sql`${auditEvents.actorId} = ${deletedAccounts.id} and ${auditEvents.actorId} <> ${auditEvents.subjectId} and ${auditEvents.id} > ${deletedAccounts.actsClearedTo}`,
  values: { address: null, userAgent: null },
  progress: { actsClearedTo: sql`done.last` },
};

export function createAccountStore({ db, clock, sessions }: AccountStoreParts): AccountStore {
  async function clear({ isUncleared, values, progress }: Trace, limit: number): Promise<number> {
    // In the order of the indexes, so that the statement reads no more rows than it clears.
    const next = sql`select ${auditEvents.id} as id, ${deletedAccounts.id} as account from ${deletedAccounts} cross join ${auditEvents} where ${isUncleared} order by ${deletedAccounts.id}, ${auditEvents.id} limit ${limit}`;
    const cleared = await change(db, {
      claim: db
        .update(auditEvents)
        .set(values)
        .where(sql`${auditEvents.id} in (select id from (${next}))`)
        .returning({ id: auditEvents.id }),
      consequences: [
        // With FROM, SQLite reads all rows before it changes the first one.
        db
          .update(deletedAccounts)
          .set(progress)
          .from(sql`(select account, max(id) as last from (${next}) group by account) as done`)
          .where(sql`${deletedAccounts.id} = done.account`),
      ],
    });
    return cleared.length;
  }

  async function clearSome(limit: number) {
    const own = await clear(OWN, limit);
    if (own === limit) return { events: own, batches: 1 };
    return { events: own + (await clear(ACTS, limit - own)), batches: 2 };
  }

  return {
    async findLocale(id) {
      const [row] = await db.select({ locale: users.locale }).from(users).where(eq(users.id, id));
      return row?.locale ?? null;
    },

    async delete({ id, sessionId }, event, notice) {
      const isOwner = and(
        eq(users.id, id),
        sessions.isFreshlyLoggedInBy(sessionId),
        leavesAnAdmin(id),
      );
      const isAllowed = sql`exists (select 1 from ${users} where ${isOwner})`;
      const deleted = await change(db, {
        // The deletion unlinks the messages of the account, the notice too. Afterwards, nothing tells them apart.
        before: [
          db.delete(outbox).where(and(eq(outbox.userId, id), isAllowed)),
          ...(notice?.(isAllowed) ?? []),
          releaseAvatar(db, id, clock(), isAllowed),
        ],
        // Also deletes all rows that refer to it, the sessions among them.
        claim: db.delete(users).where(isOwner).returning({ id: users.id }),
        ifChanged: [
          recordEventIfChanged(db, id, event),
          ifChanged((hasChanged) =>
            insertWhere(db, deletedAccounts, { id, deletedAt: clock() }, hasChanged),
          ),
          ifChanged((hasChanged) => forgetImportedAddresses(db, id, hasChanged)),
        ],
      });
      return deleted.length > 0;
    },

    clearEvents: async (limit) => (await clearSome(limit)).events,
    clearSome,

    removeCleared: (limit) =>
      removeRows(
        db,
        deletedAccounts,
        and(
          lte(deletedAccounts.deletedAt, clock() - NOTED_MS),
          sql`not exists (select 1 from ${auditEvents} where ${OWN.isUncleared})`,
          sql`not exists (select 1 from ${auditEvents} where ${ACTS.isUncleared})`,
        ),
        limit,
      ),
  };
}
