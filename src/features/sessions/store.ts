import { and, desc, eq, gt, lte, ne, or, type SQL, sql } from 'drizzle-orm';
import type { SessionLifetime } from '../../config/bounds.ts';
import { type Condition, change, type OnlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { removeRows } from '../../core/db/remove-rows.ts';
import { sessions, users } from '../../core/db/schema.ts';
import { type Quota, toVerdict, type Verdict } from '../../core/quota.ts';
import type { AuditEvent } from '../audit/event.ts';
import { isRecorded, recordEventIfChanged, recordEventOfSessions } from '../audit/statements.ts';
import { noteNetwork } from '../networks/statements.ts';
import type { NoticeStatements } from '../notices/service.ts';
import { rolesIn } from '../roles/role.ts';
import { userColumns } from '../users/store.ts';
import type { User } from '../users/user.ts';
import { createSessionConditions, type SessionConditions } from './conditions.ts';
import type { RefreshPayload } from './refresh-token.ts';
import type { LiveSession, Membership, Session } from './session.ts';
import {
  endOthers,
  IS_USER_ENABLED,
  isLiveSince,
  prepareFindLive,
  prepareFindMember,
  prepareRotation,
  sessionColumns,
} from './statements.ts';

/** The outcome of an accepted refresh. */
export interface Rotation {
  readonly userId: number;
  /** Rotation count of the newest refresh token. The response contains this token. */
  readonly count: number;
  /** Absolute expiry of the session. Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The network of the previous use; null if unknown. */
  readonly lastNetwork: string | null;
  /** When the user last authenticated in the session. Milliseconds since 1970. */
  readonly authTime: number;
  /** In alphabetical order. */
  readonly roles: readonly string[];
  /** State of the refresh quota; `undefined` if there is none. */
  readonly verdict: Verdict<'refresh'> | undefined;
}

/** A refresh that the quota of its session rejects. */
export interface Refusal {
  readonly refused: Verdict<'refresh'>;
}

/** A use of a session, and the network that it comes from. */
export interface SessionVisit {
  readonly userId: number;
  /** `undefined` if unknown. */
  readonly network: string | undefined;
  /** The event to record if the network is new to the account. */
  readonly event: AuditEvent;
}

export interface SessionStore extends SessionConditions {
  /** Finds a live session and its user, unless the user is disabled. One query. */
  findLive(id: string, userId: number): Promise<{ user: User; session: LiveSession } | undefined>;
  /** The same with the roles of the user. One query. */
  findMember(id: string, userId: number): Promise<Membership | undefined>;
  /** True if the recorded last use is at least a minute old. */
  isTouchDue(session: LiveSession): boolean;
  /** Updates the last use and the network of a session, unless another request has updated them. One batch. */
  touch(session: LiveSession, visit: SessionVisit): Promise<void>;
  /** Updates the network of a session after a refresh from a different one. One batch. */
  changeNetwork(
    sessionId: string,
    visit: SessionVisit & { readonly network: string },
  ): Promise<void>;
  /**
   * Accepts a refresh token in one guarded UPDATE. Rotates the newest token. Within the grace period, also accepts its
   * parent, without a rotation. If the quota of the session is used up, writes nothing and returns a refusal. Returns
   * `undefined` for any other token.
   */
  rotate(payload: RefreshPayload): Promise<Rotation | Refusal | undefined>;
  /** The user of the session whose refresh token was replayed, for a notice. `locale` is null for English. */
  findReplayed(payload: RefreshPayload): Promise<{ user: User; locale: string | null } | undefined>;
  /**
   * Ends a session whose refresh token was replayed, and records it. One batch. Returns false if the token was not
   * that of a live session.
   *
   * @param notice builds the statements that queue its notice, for the user of the session
   */
  endReplayed(
    payload: RefreshPayload,
    event: AuditEvent,
    notice: { readonly userId: number; readonly queue: NoticeStatements } | undefined,
  ): Promise<boolean>;
  /** The user's live sessions, newest first. */
  list(userId: number): Promise<Session[]>;
  /** Ends one session of a user who is not disabled. Returns true if the session was live. */
  end(id: string, userId: number, event: AuditEvent): Promise<boolean>;
  /**
   * Returns the statement that ends all sessions of the user except one, if the condition holds. For batches of other
   * features.
   */
  endOthers(userId: number, keptId: string, condition: Condition): OnlyIf;
  /** The statement that ends all of the user's sessions if the condition holds. */
  endAllOf(userId: number, condition: Condition): OnlyIf;
  /** Ends all sessions of the user, or all except `except`, and changes of address that they have requested. */
  endAll(userId: number, except: string | undefined, event: AuditEvent): Promise<void>;
  /** Deletes at most `limit` expired sessions. Returns the number of deleted sessions. */
  removeEnded(limit: number): Promise<number>;
}

interface SessionStoreOptions {
  readonly lifetime: SessionLifetime;
  /** How long the parent of the newest refresh token is accepted, in milliseconds. */
  readonly grace: number;
  /** Refreshes per session; `null` for no limit. */
  readonly refreshQuota: Quota | null;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** The statement that ends the pending changes of address of a user, if the condition holds. */
  readonly endChanges: (userId: number, condition: Condition) => OnlyIf;
}

/** Minimum interval between two updates of `lastUsedAt`. */
const TOUCH_INTERVAL_MS = 60_000;

export function createSessionStore(db: Database, options: SessionStoreOptions): SessionStore {
  const { lifetime, grace, refreshQuota, clock, endChanges } = options;

  const isLive = (now: number): SQL | undefined => isLiveSince(now, now - lifetime.idle);

  const isReplayed = ({ sessionId, count }: RefreshPayload) =>
    and(eq(sessions.id, sessionId), gt(sessions.refreshCount, count), isLive(clock()));

  const findLive = prepareFindLive(db);
  const findMember = prepareFindMember(db);
  const { rotate, refusedUntil } = prepareRotation(db, refreshQuota);
  const verdictOf = (hits: number, millisecondsLeft: number): Verdict<'refresh'> | undefined =>
    refreshQuota ? toVerdict('refresh', refreshQuota, hits, millisecondsLeft) : undefined;

  return {
    async findLive(id, userId) {
      const now = clock();
      return findLive({ id, userId, now, usedAfter: now - lifetime.idle });
    },

    async findMember(id, userId) {
      const now = clock();
      return findMember({ id, userId, now, usedAfter: now - lifetime.idle });
    },

    isTouchDue: ({ lastUsedAt }) => clock() - lastUsedAt >= TOUCH_INTERVAL_MS,

    async touch({ id, lastUsedAt }, { userId, network, event }) {
      const now = clock();
      const isTouched = sql`exists (select 1 from ${sessions} as touched where touched.id = ${id} and touched.last_used_at = ${now})`;
      await change(db, {
        claim: db
          .update(sessions)
          .set({ lastUsedAt: now, ...(network !== undefined && { lastNetwork: network }) })
          .where(and(eq(sessions.id, id), eq(sessions.lastUsedAt, lastUsedAt)))
          .returning({ id: sessions.id }),
        consequences:
          network === undefined
            ? []
            : noteNetwork(db, {
                userId,
                network,
                now,
                isLogin: false,
                condition: isTouched,
                event,
              }),
      });
    },

    async changeNetwork(id, { userId, network, event }) {
      const now = clock();
      const isChanged = sql`exists (select 1 from ${sessions} as changed where changed.id = ${id} and changed.last_network = ${network})`;
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
          condition: isChanged,
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
        touchBefore: now - TOUCH_INTERVAL_MS,
      };
      const [row] = await change(db, { claim: rotate(values) });
      if (row) {
        const verdict = verdictOf(row.hits, row.resetsAt - now);
        return { ...row, roles: rolesIn(row.roles), verdict };
      }
      const resetsAt = await refusedUntil(values);
      const refused =
        resetsAt === undefined ? undefined : verdictOf(Number.POSITIVE_INFINITY, resetsAt - now);
      return refused && { refused };
    },

    async findReplayed(payload) {
      const [row] = await db
        .select({ user: userColumns, locale: users.locale })
        .from(sessions)
        .innerJoin(users, eq(users.id, sessions.userId))
        .where(isReplayed(payload));
      return row;
    },

    async endReplayed(payload, event, notice) {
      const replayed = isReplayed(payload);
      const ended = await change(db, {
        before: [recordEventOfSessions(db, event, replayed)],
        claim: db.delete(sessions).where(replayed).returning({ id: sessions.id }),
        consequences: notice?.queue(isRecorded(notice.userId, event)) ?? [],
      });
      return ended.length > 0;
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

    ...createSessionConditions(options),

    endOthers: (userId, keptId, condition) => endOthers(db, userId, keptId, condition),

    // No session has an empty id.
    endAllOf: (userId, condition) => endOthers(db, userId, '', condition),

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
        consequences: [endChanges(userId, sql`true`)],
      });
    },

    removeEnded(limit) {
      const now = clock();
      // The negation of `isLive`. Each side of the OR has its own index.
      const isEnded = or(
        lte(sessions.expiresAt, now),
        lte(sessions.lastUsedAt, now - lifetime.idle),
      );
      return removeRows(db, sessions, isEnded, limit);
    },
  };
}
