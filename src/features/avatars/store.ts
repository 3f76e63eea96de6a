import { and, asc, count, eq, gt, inArray, isNotNull, lte, ne, sql } from 'drizzle-orm';
import { avatars } from '../../core/db/account-schema.ts';
import { change, ifChanged } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { AuditEvent } from '../audit/event.ts';
import { recordEventIfChanged } from '../audit/statements.ts';
import type { SessionStore } from '../sessions/store.ts';
import { changedValues } from '../users/statements.ts';
import { userColumns } from '../users/store.ts';
import type { User } from '../users/user.ts';
import { releaseAvatar } from './statements.ts';

/** For how long a new picture may be stored without being shown. Longer than any upload takes. */
const PENDING_MS = 3_600_000;
/** A picture is shown only if it stays for longer than this. More than the clocks of servers differ. */
const MARGIN_MS = 600_000;

interface Owner {
  readonly id: number;
  readonly sessionId: string;
}

/** Stores which picture each account shows, and which files exist. */
export interface AvatarStore {
  /** Adds the row of a picture whose file is stored next. */
  add(picture: {
    readonly key: string;
    readonly userId: number;
    /** The id of the store that has the file. */
    readonly store: string;
    readonly size: number;
  }): Promise<void>;
  /**
   * Shows a picture whose file is stored, and gives up the one that it replaces, in one batch. Returns the changed user;
   * `undefined` if the session has ended, the user is deleted or disabled, or the picture has expired meanwhile.
   */
  show(owner: Owner, key: string, event: AuditEvent): Promise<User | undefined>;
  /** Gives up the picture of an account. Returns false if there is none, or the session has ended. */
  hide(owner: Owner, event: AuditEvent): Promise<boolean>;
  /** Gives up a picture whose file is stored and which is not shown. */
  release(key: string): Promise<void>;
  /** The keys of pictures to delete from a store, the earliest first. @param userId only those of this account */
  due(store: string, limit: number, userId?: number): Promise<readonly string[]>;
  /** The number of pictures to delete from each store that has any. */
  dueByStore(): PromiseLike<readonly { readonly store: string; readonly count: number }[]>;
  /** Deletes the rows of pictures whose files are deleted. */
  drop(keys: readonly string[]): Promise<void>;
  /** Puts pictures whose files could not be deleted behind the others. */
  postpone(keys: readonly string[]): Promise<void>;
}

export interface AvatarStoreParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy'>;
}

export function createAvatarStore({ db, clock, sessions }: AvatarStoreParts): AvatarStore {
  const isDue = (now: number) => and(isNotNull(avatars.removeAt), lte(avatars.removeAt, now));

  return {
    async add({ key, userId, store, size }) {
      const now = clock();
      const removeAt = now + PENDING_MS;
      await db.insert(avatars).values({ key, userId, store, size, createdAt: now, removeAt });
    },

    async show({ id, sessionId }, key, event) {
      const now = clock();
      const isPending = sql`exists (select 1 from ${avatars} where ${and(
        eq(avatars.key, key),
        eq(avatars.userId, id),
        gt(avatars.removeAt, now + MARGIN_MS),
      )})`;
      const [user] = await change(db, {
        claim: db
          .update(users)
          .set({ avatarKey: key, ...changedValues(now) })
          .where(and(eq(users.id, id), sessions.isLoggedInBy(sessionId), isPending))
          .returning(userColumns),
        ifChanged: [
          recordEventIfChanged(db, id, event),
          ifChanged((hasChanged) =>
            db
              .update(avatars)
              .set({ removeAt: null })
              .where(and(eq(avatars.key, key), hasChanged)),
          ),
          ifChanged((hasChanged) =>
            releaseAvatar(db, id, now, sql`${ne(avatars.key, key)} and ${hasChanged}`),
          ),
        ],
      });
      return user;
    },

    async hide({ id, sessionId }, event) {
      const now = clock();
      const hidden = await change(db, {
        claim: db
          .update(users)
          .set({ avatarKey: null, ...changedValues(now) })
          .where(
            and(eq(users.id, id), isNotNull(users.avatarKey), sessions.isLoggedInBy(sessionId)),
          )
          .returning({ id: users.id }),
        ifChanged: [
          recordEventIfChanged(db, id, event),
          ifChanged((hasChanged) => releaseAvatar(db, id, now, hasChanged)),
        ],
      });
      return hidden.length > 0;
    },

    async release(key) {
      await db
        .update(avatars)
        .set({ removeAt: clock() })
        .where(and(eq(avatars.key, key), isNotNull(avatars.removeAt)));
    },

    async due(store, limit, userId) {
      const isOwn = userId === undefined ? undefined : eq(avatars.userId, userId);
      const rows = await db
        .select({ key: avatars.key })
        .from(avatars)
        .where(and(isDue(clock()), eq(avatars.store, store), isOwn))
        .orderBy(asc(avatars.removeAt))
        .limit(limit);
      return rows.map(({ key }) => key);
    },

    dueByStore: () =>
      db
        .select({ store: avatars.store, count: count() })
        .from(avatars)
        .where(isDue(clock()))
        .groupBy(avatars.store),

    async drop(keys) {
      await db.delete(avatars).where(and(inArray(avatars.key, [...keys]), isDue(clock())));
    },

    async postpone(keys) {
      const now = clock();
      await db
        .update(avatars)
        .set({ removeAt: now })
        .where(and(inArray(avatars.key, [...keys]), isDue(now)));
    },
  };
}
