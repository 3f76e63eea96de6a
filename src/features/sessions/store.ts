import { and, desc, eq, gt, isNull, lte, ne, or, type SQL, sql } from 'drizzle-orm';
import type { SessionLifetime } from '../../config/bounds.ts';
import { type Condition, change, type Statement } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { prepareLookUp } from '../../core/db/look-up.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { sessions, users } from '../../core/db/schema.ts';
import { type Quota, toVerdict, type Verdict } from '../../core/quota.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged, recordEventOfSessions } from '../audit/statements.ts';
import { noteNetwork } from '../networks/statements.ts';
import { userColumns } from '../users/store.ts';
import type { User } from '../users/user.ts';
import { type LiveRow, toLive } from './live-row.ts';
import type { RefreshClaim } from './refresh-token.ts';
import type { LiveSession, Session } from './session.ts';
import { endOthers, IS_USER_ENABLED, isLiveSince, prepareRotation } from './statements.ts';

const sessionColumns = {
  id: sessions.id,
  userId: sessions.userId,
  createdAt: sessions.createdAt,
  lastUsedAt: sessions.lastUsedAt,
  expiresAt: sessions.expiresAt,
  method: sessions.method,
  userAgent: sessions.userAgent,
  address: sessions.address,
  lastNetwork: sessions.lastNetwork,
};

/** What a refresh has come to. */
export interface Rotation {
  readonly userId: number;
  /** Count of the newest refresh token: the one to answer with. */
  readonly count: number;
  /** When the session ends at the latest. Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The network of its last use until now; null where none is known. */
  readonly lastNetwork: string | null;
  /** What the limit of refreshes has come to, where there is one. */
  readonly verdict: Verdict | undefined;
}

/** A refresh that the limit of its session does not let through. */
export interface Refusal {
  readonly refused: Verdict;
}

/** Where a session is used from. */
export interface SessionVisit {
  readonly userId: number;
  /** `undefined` where it is unknown. */
  readonly network: string | undefined;
  /** Recorded where the network is new to the account. */
  readonly event: AuditEvent;
}

export interface SessionStore {
  /** The live session and its user, who is not disabled; one query. */
  findLive(id: string, userId: number): Promise<{ user: User; session: LiveSession } | undefined>;
  /** True if the last note of a session's use is older than a minute. */
  isUseDue(session: LiveSession): boolean;
  /**
   * Notes the use of a session, and its network; one batch.
   */
  touch(session: LiveSession, visit: SessionVisit): Promise<void>;
  /** Notes that a refresh came from another network than the use of the session before it; one batch. */
  move(sessionId: string, visit: SessionVisit & { readonly network: string }): Promise<void>;
  /**
   * Accepts a refresh token: the newest one is rotated; its parent is accepted for the time of
   * grace and changes nothing. Does nothing if the quota of the session is exhausted. One guarded
   * UPDATE. `undefined` for any other token.
   */
  rotate(claim: RefreshClaim): Promise<Rotation | Refusal | undefined>;
  /** Ends a session whose refresh token was replayed, and records it; one batch. */
  endReplayed(claim: RefreshClaim, event: AuditEvent): Promise<void>;
  /** The user's live sessions, newest first. */
  list(userId: number): Promise<Session[]>;
  /** Ends one session of a user who is not disabled. Returns true if it existed. */
  end(id: string, userId: number, event: AuditEvent): Promise<boolean>;
  /** The statement that ends the user's sessions but one, if the condition holds; for a batch of another feature. */
  endOthers(userId: number, keptId: string, condition: Condition): Statement;
  /** Ends the user's sessions, all or all but one. */
  endAll(userId: number, except: string | undefined, event: AuditEvent): Promise<void>;
  /** Deletes expired sessions, at most `limit`. Returns their number. */
  removeEnded(limit: number): Promise<number>;
}

interface SessionStoreOptions {
  readonly lifetime: SessionLifetime;
  /** How long the parent of the newest refresh token is taken, in milliseconds. */
  readonly grace: number;
  /** How often a session may be refreshed; `null` for as often as one likes. */
  readonly refreshQuota: Quota | null;
  readonly clock: () => number;
}

/** A use is noted no more often than this. */
const TOUCH_INTERVAL_MS = 60_000;

export function createSessionStore(db: Database, options: SessionStoreOptions): SessionStore {
  const { lifetime, grace, refreshQuota, clock } = options;

  const isLive = (now: number): SQL | undefined => isLiveSince(now, now - lifetime.idle);

  const liveQuery = db
    .select({ ...userColumns, lastUsedAt: sessions.lastUsedAt })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.id, sql.placeholder('id')),
        eq(sessions.userId, sql.placeholder('userId')),
        isNull(users.disabledAt),
        isLiveSince(sql.placeholder('now'), sql.placeholder('usedAfter')),
      ),
    );
  const findLive = prepareLookUp(db, liveQuery);
  const { rotate, refusedUntil } = prepareRotation(db, refreshQuota);
  const verdictOf = (hits: number, millisecondsLeft: number): Verdict | undefined =>
    refreshQuota ? toVerdict('refresh', refreshQuota, hits, millisecondsLeft) : undefined;

  return {
    async findLive(id, userId) {
      const now = clock();
      const row = await findLive({ id, userId, now, usedAfter: now - lifetime.idle });
      // Of the query above.
      return row && toLive(row as LiveRow, id);
    },

    isUseDue: ({ lastUsedAt }) => clock() - lastUsedAt >= TOUCH_INTERVAL_MS,

    async touch({ id, lastUsedAt }, { userId, network, event }) {
      const now = clock();
      const isNoted = sql`exists (select 1 from ${sessions} as noted where noted.id = ${id} and noted.last_used_at = ${now})`;
      await change(db, {
        claim: db
          .update(sessions)
          .set({ lastUsedAt: now, ...(network !== undefined && { lastNetwork: network }) })
          .where(and(eq(sessions.id, id), eq(sessions.lastUsedAt, lastUsedAt)))
          .returning({ id: sessions.id }),
        consequences:
          network === undefined
            ? []
            : noteNetwork(db, { userId, network, now, isLogin: false, condition: isNoted, event }),
      });
    },

    async move(id, { userId, network, event }) {
      const now = clock();
      const isThere = sql`exists (select 1 from ${sessions} as moved where moved.id = ${id} and moved.last_network = ${network})`;
      await change(db, {
        claim: db
          .update(sessions)
          .set({ lastNetwork: network })
          .where(eq(sessions.id, id))
          .returning({ id: sessions.id }),
        consequences: noteNetwork(db, {
          userId,
          network,
          now,
          isLogin: false,
          condition: isThere,
          event,
        }),
      });
    },

    async rotate({ sessionId, count }) {
      const now = clock();
      const values = {
        sessionId,
        count,
        now,
        usedAfter: now - lifetime.idle,
        rotatedAfter: now - grace,
        noteBefore: now - TOUCH_INTERVAL_MS,
      };
      const [row] = await change(db, { claim: rotate(values) });
      if (row) return { ...row, verdict: verdictOf(row.hits, row.resetsAt - now) };
      const resetsAt = await refusedUntil(values);
      const refused =
        resetsAt === undefined ? undefined : verdictOf(Number.POSITIVE_INFINITY, resetsAt - now);
      return refused && { refused };
    },

    async endReplayed({ sessionId, count }, event) {
      const replayed = and(
        eq(sessions.id, sessionId),
        gt(sessions.refreshCount, count),
        isLive(clock()),
      );
      await change(db, {
        before: [recordEventOfSessions(db, event, replayed)],
        claim: db.delete(sessions).where(replayed).returning({ id: sessions.id }),
      });
    },

    list(userId) {
      return db
        .select(sessionColumns)
        .from(sessions)
        .where(and(eq(sessions.userId, userId), isLive(clock())))
        .orderBy(desc(sessions.createdAt), sql`rowid desc`);
    },

    async end(id, userId, event) {
      const ended = await change(db, {
        claim: db
          .delete(sessions)
          .where(
            and(eq(sessions.id, id), eq(sessions.userId, userId), isLive(clock()), IS_USER_ENABLED),
          )
          .returning({ id: sessions.id }),
        ifChanged: [recordEventIfChanged(db, userId, event)],
      });
      return ended.length > 0;
    },

    endOthers: (userId, keptId, condition) => endOthers(db, userId, keptId, condition),

    async endAll(userId, except, event) {
      await change(db, {
        claim: db
          .delete(sessions)
          .where(
            and(
              eq(sessions.userId, userId),
              except === undefined ? undefined : ne(sessions.id, except),
            ),
          )
          .returning({ id: sessions.id }),
        ifChanged: [recordEventIfChanged(db, userId, event)],
      });
    },

    removeEnded(limit) {
      const now = clock();
      // Each side has its index; the contrary of `isLive`.
      const isEnded = or(
        lte(sessions.expiresAt, now),
        lte(sessions.lastUsedAt, now - lifetime.idle),
      );
      return removeRows(db, sessions, isEnded, limit);
    },
  };
}
