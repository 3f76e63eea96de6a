import { lte, sql } from 'drizzle-orm';
import { notices } from '../../core/db/account-schema.ts';
import { type Condition, ifChanged, type OnlyIf, onlyIf } from '../../core/db/change.ts';
import type { Database } from '../../core/db/database.ts';
import { users } from '../../core/db/schema.ts';
import type { Queueing } from '../messages/store.ts';

/** How long after a notice no other of its kind is sent. */
const INTERVAL_MS = 86_400_000;

interface DailyNotice {
  readonly userId: number;
  readonly kind: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly queue: Queueing;
}

/** Queues a notice if the condition holds, and none of its kind was sent within {@link INTERVAL_MS}. */
export function queueDaily(
  db: Database,
  { userId, kind, now, queue }: DailyNotice,
  condition: Condition,
): readonly OnlyIf[] {
  return [
    onlyIf(condition, (holds) =>
      db
        .insert(notices)
        .select(
          sql`select ${users.id}, ${kind}, ${now} from ${users} where ${users.id} = ${userId} and ${holds}`,
        )
        .onConflictDoUpdate({
          target: [notices.userId, notices.kind],
          set: { sentAt: now },
          setWhere: lte(notices.sentAt, now - INTERVAL_MS),
        }),
    ),
    ifChanged((hasClaimed) => queue(hasClaimed)),
  ];
}
