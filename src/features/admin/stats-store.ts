import { and, eq, gte, lt, lte, type SQL, sql } from 'drizzle-orm';
import type { SessionLifetime } from '../../config/bounds.ts';
import type { Database } from '../../core/db/database.ts';
import { auditEvents, outbox, sessions } from '../../core/db/schema.ts';
import { isoTime } from '../../core/time.ts';
import type { AuditAction, Outcome } from '../audit/event.ts';
import type { DayCounts, StatsReader } from './stats.ts';

const DAY_MS = 86_400_000;
/** For statements whose columns are subqueries. */
const ONE_ROW = sql`(select 1)`;

export interface StatsParts {
  readonly db: Database;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly config: { readonly sessionLifetime: SessionLifetime };
}

/** Counts by one statement for each day, over the entries of one index each, and one for the messages. */
export function createStatsReader({ db, clock, config }: StatsParts): StatsReader {
  async function readDay(start: number, now: number): Promise<DayCounts> {
    const end = start + DAY_MS;
    const events = (action: AuditAction, outcome: Outcome) =>
      count(
        sql`${auditEvents} where ${and(
          eq(auditEvents.action, action),
          eq(auditEvents.outcome, outcome),
          gte(auditEvents.at, start),
          lt(auditEvents.at, end),
        )}`,
      );
    const { lastUsedAt, expiresAt } = sessions;
    const usedFrom = Math.max(start, now - config.sessionLifetime.idle + 1);
    const used = count(
      sql`${sessions} where ${and(gte(lastUsedAt, usedFrom), lt(lastUsedAt, end))}`,
    );
    // Few, because housekeeping deletes them. The plus sign keeps SQLite from the index of the last use.
    const expired = count(
      sql`${sessions} where ${lte(expiresAt, now)} and +${lastUsedAt} >= ${usedFrom} and +${lastUsedAt} < ${end}`,
    );
    const [counts] = await db
      .select({
        signUps: events('signup', 'success'),
        logIns: events('login', 'success'),
        failedLogIns: events('login', 'failure'),
        lockouts: events('lockout', 'success'),
        activeSessions: sql<number>`${used} - ${expired}`,
      })
      .from(ONE_ROW);
    if (!counts) throw new Error('the counts of a day are missing');
    return { day: isoTime(start).slice(0, 10), ...counts };
  }

  return {
    async read(days) {
      const now = clock();
      const today = now - (now % DAY_MS);
      const counts: DayCounts[] = [];
      for (let ago = days - 1; ago >= 0; ago--) {
        counts.push(await readDay(today - ago * DAY_MS, now));
        // Lets waiting requests run.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      const messages = (state: 'sent' | 'rejected' | 'dead') =>
        count(sql`${outbox} where ${eq(outbox.state, state)} and state <> 'waiting'`);
      const [states] = await db
        .select({
          waiting: count(sql`${outbox} where state = 'waiting'`),
          sent: messages('sent'),
          rejected: messages('rejected'),
          dead: messages('dead'),
        })
        .from(ONE_ROW);
      if (!states) throw new Error('the counts of messages are missing');
      return { days: counts, messages: states };
    },
  };
}

const count = (from: SQL): SQL<number> => sql`(select count(*) from ${from})`;
