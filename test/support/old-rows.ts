import { sql } from 'drizzle-orm';
import type { Database } from '../../src/core/db/database.ts';
import { auditEvents, sessions, users } from '../../src/core/db/schema.ts';

/** The times of a session, in milliseconds since 1970. */
export interface Times {
  readonly lastUsedAt: number;
  readonly expiresAt: number;
}

/** Adds a user with these sessions. The keys are the ids of the sessions. */
export async function addSessions(
  db: Database,
  rows: Readonly<Record<string, Times>>,
): Promise<void> {
  const [user] = await db
    .insert(users)
    .values({ createdAt: 0, updatedAt: 0 })
    .returning({ id: users.id });
  if (!user) throw new Error('No user was added');
  const rest = { userId: user.id, createdAt: 0, rotatedAt: 0, method: 'password' };
  for (const [id, times] of Object.entries(rows)) {
    await db.insert(sessions).values({ id, ...rest, ...times });
  }
}

/** Adds `count` identical sessions of one user. */
export async function addManySessions(db: Database, count: number, times: Times): Promise<void> {
  const id = `many-${crypto.randomUUID()}`;
  await addSessions(db, { [id]: times });
  await db.run(
    sql`insert into sessions (id, user_id, rotated_at, created_at, last_used_at, expires_at, method)
      with recursive n(i) as (select 2 union all select i + 1 from n where i < ${count})
      select s.id || i, s.user_id, 0, 0, s.last_used_at, s.expires_at, s.method
      from n, sessions s where s.id = ${id}`,
  );
}

/**
 * Adds `count` events.
 *
 * @param at the time of the events, in milliseconds since 1970
 */
export async function addEvents(db: Database, count: number, at: number): Promise<void> {
  await db.run(
    sql`insert into audit_events (at, action, outcome, request_id)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})
      select ${at}, 'login', 'success', i from n`,
  );
}

export const sessionIds = async (db: Database): Promise<string[]> =>
  (await db.select({ id: sessions.id }).from(sessions)).map(({ id }) => id).toSorted();

export const eventTimes = async (db: Database): Promise<number[]> =>
  (await db.select({ at: auditEvents.at }).from(auditEvents))
    .map(({ at }) => at)
    .toSorted((a, b) => a - b);

/** Returns the result of a housekeeping run that has deleted only these rows. */
export const removed = (counts: Readonly<Record<string, number>>): Record<string, number> => ({
  sessions: 0,
  known_devices: 0,
  avatars: 0,
  unfolded_names: 0,
  rate_limits: 0,
  audit_events: 0,
  refused_logins: 0,
  login_failures: 0,
  known_networks: 0,
  messages: 0,
  codes: 0,
  reserved_addresses: 0,
  deleted_account_events: 0,
  deleted_accounts: 0,
  ...counts,
});
