import { and, desc, eq, gt, inArray, isNull, lte, ne, or, type SQL, sql } from 'drizzle-orm';
import type { AuditEvent } from '../audit/event.ts';
import type { RefreshClaim } from '../crypto/refresh-token.ts';
import { recordEventIfChanged, recordEventOfSession } from '../db/audit-statements.ts';
import type { Database } from '../db/database.ts';
import { isUnlocked, NO_FAILURES } from '../db/lockout-columns.ts';
import { prepareLookUp } from '../db/look-up.ts';
import { sessions, users } from '../db/schema.ts';
import { IS_USER_ENABLED, isLiveSince, prepareRotation } from '../db/session-statements.ts';
import { type Quota, toVerdict, type Verdict } from '../limits/quota.ts';
import { userColumns } from '../users/store.ts';
import type { User } from '../users/user.ts';
import { type LiveRow, toLive } from './live-row.ts';
import type { LiveSession, Session, SessionLifetime } from './session.ts';

const sessionColumns = {
  id: sessions.id,
  userId: sessions.userId,
  createdAt: sessions.createdAt,
  lastUsedAt: sessions.lastUsedAt,
  expiresAt: sessions.expiresAt,
  method: sessions.method,
  userAgent: sessions.userAgent,
  address: sessions.address,
};

/** What a refresh has come to. */
export interface Rotation {
  readonly userId: number;
  /** Count of the newest refresh token: the one to answer with. */
  readonly count: number;
  /** When the session ends at the latest. Milliseconds since 1970. */
  readonly expiresAt: number;
  /** What the limit of refreshes has come to, where there is one. */
  readonly verdict: Verdict | undefined;
}

/** A refresh that the limit of its session does not let through. */
export interface Refusal {
  readonly refused: Verdict;
}

export interface SessionStore {
  /**
   * Makes a session, ends the user's oldest ones above the limit and forgets wrong passwords, in one batch.
   * Tells whether it came about: not for a user who is gone, disabled or locked by now, or whose password
   * has been changed meanwhile.
   *
   * @param hashes the one that the password was verified against, and what takes its place, if anything
   */
  start(
    session: Session,
    hashes: { readonly verified: string; readonly fresh?: string | undefined },
    event: AuditEvent,
  ): Promise<boolean>;
  /** The live session and its user, who is not disabled; one query. */
  findLive(id: string, userId: number): Promise<{ user: User; session: LiveSession } | undefined>;
  /** Notes the use of a session, if the last note is older than a minute. */
  touch(session: LiveSession): Promise<void> | undefined;
  /**
   * Takes a refresh token: the newest one makes way for the next; its parent is taken for the time of
   * grace and changes nothing. Where the quota of the session is used up nothing is done. One guarded
   * UPDATE. `undefined` for any other token.
   */
  rotate(claim: RefreshClaim): Promise<Rotation | Refusal | undefined>;
  /** Ends a session whose refresh token was used after its time, and records it; one batch. */
  endReplayed(claim: RefreshClaim, event: AuditEvent): Promise<void>;
  /** The user's live sessions, newest first. */
  list(userId: number): Promise<Session[]>;
  /** Ends one of the sessions of a user who is not disabled. Tells whether it was there. */
  end(id: string, userId: number, event: AuditEvent): Promise<boolean>;
  /** Ends the user's sessions, all or all but one. */
  endAll(userId: number, except: string | undefined, event: AuditEvent): Promise<void>;
  /** Deletes sessions that have ended by themselves, as many as `limit`. Tells how many there were. */
  removeEnded(limit: number): Promise<number>;
}

interface SessionStoreOptions {
  readonly lifetime: SessionLifetime;
  readonly maxPerUser: number;
  /** How long the parent of the newest refresh token is taken, in milliseconds. */
  readonly grace: number;
  /** How often a session may be refreshed; `null` for as often as one likes. */
  readonly refreshQuota: Quota | null;
  readonly clock: () => number;
}

/** A use is noted no more often than this. */
const TOUCH_INTERVAL_MS = 60_000;

export function createSessionStore(db: Database, options: SessionStoreOptions): SessionStore {
  const { lifetime, maxPerUser, grace, refreshQuota, clock } = options;

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
    async start(session, { verified, fresh }, event) {
      const now = clock();
      const ofUser = eq(sessions.userId, session.userId);
      const kept = db
        .select({ id: sessions.id })
        .from(sessions)
        .where(and(ofUser, isLive(now)))
        // The new one first, also where it does not look newest: the clock of another server may be ahead.
        .orderBy(
          sql`${sessions.id} = ${session.id} desc`,
          desc(sessions.createdAt),
          sql`rowid desc`,
        )
        .limit(maxPerUser);
      const [, started] = await db.batch([
        db
          .update(users)
          .set({ ...NO_FAILURES, ...(fresh !== undefined && { passwordHash: fresh }) })
          .where(
            and(
              eq(users.id, session.userId),
              eq(users.passwordHash, verified),
              isNull(users.disabledAt),
              isUnlocked(now),
            ),
          ),
        db
          .insert(sessions)
          .select(sql`select ${rowOf(session)} where changes() > 0`)
          .returning({ id: sessions.id }),
        recordEventIfChanged(db, session.userId, event),
        db.delete(sessions).where(and(ofUser, sql`${sessions.id} not in ${kept}`)),
      ]);
      return started.length > 0;
    },

    async findLive(id, userId) {
      const now = clock();
      const row = await findLive({ id, userId, now, usedAfter: now - lifetime.idle });
      // Of the query above.
      return row && toLive(row as LiveRow, id);
    },

    touch({ id, lastUsedAt }) {
      const now = clock();
      if (now - lastUsedAt < TOUCH_INTERVAL_MS) return undefined;
      return db
        .update(sessions)
        .set({ lastUsedAt: now })
        .where(and(eq(sessions.id, id), eq(sessions.lastUsedAt, lastUsedAt)))
        .then(() => {});
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
      const [[row]] = await db.batch([rotate(values)]);
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
      await db.batch([
        recordEventOfSession(db, event, replayed),
        db.delete(sessions).where(replayed),
      ]);
    },

    list(userId) {
      return db
        .select(sessionColumns)
        .from(sessions)
        .where(and(eq(sessions.userId, userId), isLive(clock())))
        .orderBy(desc(sessions.createdAt), sql`rowid desc`);
    },

    async end(id, userId, event) {
      const [ended] = await db.batch([
        db
          .delete(sessions)
          .where(
            and(eq(sessions.id, id), eq(sessions.userId, userId), isLive(clock()), IS_USER_ENABLED),
          )
          .returning({ id: sessions.id }),
        recordEventIfChanged(db, userId, event),
      ]);
      return ended.length > 0;
    },

    async endAll(userId, except, event) {
      await db.batch([
        db
          .delete(sessions)
          .where(
            and(
              eq(sessions.userId, userId),
              except === undefined ? undefined : ne(sessions.id, except),
            ),
          ),
        recordEventIfChanged(db, userId, event),
      ]);
    },

    async removeEnded(limit) {
      const now = clock();
      // Each side has its index; the contrary of `isLive`.
      const ended = db
        .select({ id: sessions.id })
        .from(sessions)
        .where(or(lte(sessions.expiresAt, now), lte(sessions.lastUsedAt, now - lifetime.idle)))
        .limit(limit);
      const removed = await db
        .delete(sessions)
        .where(inArray(sessions.id, ended))
        .returning({ id: sessions.id });
      return removed.length;
    },
  };
}

/** The columns of `sessions` in their order. */
function rowOf(session: Session): SQL {
  const { id, userId, createdAt, lastUsedAt, expiresAt, method, userAgent, address } = session;
  const [refreshCount, rotatedAt] = [0, createdAt];
  const values = [id, userId, refreshCount, rotatedAt, createdAt, lastUsedAt, expiresAt, method];
  const [refreshHits, refreshResetsAt] = [0, 0];
  return sql.join(
    [...values, userAgent, address, refreshHits, refreshResetsAt].map((value) => sql`${value}`),
    sql`, `,
  );
}
