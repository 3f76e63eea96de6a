import { eq, inArray, sql } from 'drizzle-orm';
import type { SessionLifetime } from '../../config/bounds.ts';
import type { Database } from '../../core/db/database.ts';
import { sessions } from '../../core/db/schema.ts';
import type { Session } from '../sessions/session.ts';
import { isLiveSince, sessionColumns } from '../sessions/statements.ts';
import type { Page } from './directory.ts';
import { readPage } from './page.ts';

/** The live sessions of accounts. */
export interface SessionDirectory {
  /**
   * Lists the live sessions of an account, newest first.
   *
   * @throws AppError `validation_failed` for a cursor that is not one of this list
   */
  list(
    userId: number,
    options: { readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<Page<Session>>;
}

export interface SessionDirectoryParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly config: { readonly sessionLifetime: SessionLifetime };
}

const ROWID = sql<number>`${sessions}.rowid`;

export const createSessionDirectory = ({
  db,
  clock,
  config,
}: SessionDirectoryParts): SessionDirectory => ({
  list(userId, options) {
    const now = clock();
    const range = {
      table: sessions,
      key: sessions.createdAt,
      id: ROWID,
      order: 'desc',
      from: Number.MAX_SAFE_INTEGER,
      within: eq(sessions.userId, userId),
      matches: isLiveSince(now, now - config.sessionLifetime.idle),
    } as const;
    const list = { name: 'sessions', ranges: [range] };
    return readPage(db, list, options, async (ids) => {
      const rows = await db
        .select({ ...sessionColumns, rowid: ROWID.as('session_rowid') })
        .from(sessions)
        .where(inArray(ROWID, ids));
      // A session of another account may have the rowid of one that has ended since. Not a condition, because D1
      // accepts 100 parameters.
      const own = rows.filter((session) => session.userId === userId);
      return new Map(own.map(({ rowid, ...session }) => [rowid, session]));
    });
  },
});
