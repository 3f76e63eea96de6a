import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../src/core/db/database.ts';
import type { AccountQuery, Page } from '../../src/features/admin/directory.ts';
import { createDirectory } from '../../src/features/admin/directory-store.ts';
import type { AuditQuery } from '../../src/features/admin/record.ts';
import { createAuditRecord } from '../../src/features/admin/record-store.ts';
import { createStatsReader } from '../../src/features/admin/stats-store.ts';
import { forgedCursor } from '../support/people.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const FEW = 2000;
const MANY = 1_000_000;
const DAY_MS = 86_400_000;

/** Half of the accounts have the same name, and half of the events are about account 1. */
async function fill(db: Database, count: number, now: number): Promise<void> {
  const numbers = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`;
  await db.run(sql`insert into users (name, name_folded, email, email_normalized, phone_normalized, disabled_at, locked_until, email_verified_at, created_at, updated_at)
    ${numbers} select iif(i % 2, 'Kim', 'N' || i), iif(i % 2, 'kim', 'n' || i), 'u' || i || '@x', 'u' || i || '@x', '+91' || (6000000000 + i), iif(i % 3, null, i / 1000), iif(i % 3 = 1, ${now} + i / 1000, null), iif(i % 2, null, 1), i / 1000, 0 from n`);
  await db.run(sql`insert into user_roles (user_id, role, granted_at)
    ${numbers} select i, iif(i = 1, 'rare', 'editor'), 0 from n where i % 2`);
  await db.run(sql`insert into audit_events (at, actor_id, subject_id, action, outcome, request_id)
    ${numbers} select ${now} - (i % 30) * ${DAY_MS} - i / 1000, iif(i % 4, null, 2), iif(i % 2, 1, i), iif(i % 100, 'login', 'role_change'), iif(i % 5, 'success', 'failure'), i from n`);
}

type Read = (room: TestApp, cursor: string | undefined) => Promise<Page<{ readonly id: number }>>;

const accounts =
  (query: Omit<AccountQuery, 'limit'>): Read =>
  ({ deps }, cursor) =>
    createDirectory(deps).list({ ...query, limit: 50, cursor });
const events =
  (query: Omit<AuditQuery, 'limit'>): Read =>
  ({ deps }, cursor) =>
    createAuditRecord(deps).list({ ...query, limit: 50, cursor });

/** Each list, and a position in the middle of it. */
const lists: [string, Read, (count: number, now: number) => unknown][] = [
  ['id', accounts({}), (count) => ({ list: 'id', key: count / 2, id: count / 2 })],
  ['id', accounts({ status: 'active' }), (count) => ({ list: 'id', key: count / 2, id: 1 })],
  [
    'text, equal names',
    accounts({ q: 'kim' }),
    (count) => ({ list: 'text', key: 'kim', id: count / 2 }),
  ],
  ['text, both', accounts({ q: 'u', role: 'rare' }), () => ({ list: 'text', key: 'u5', id: 5 })],
  ['text, names', accounts({ q: 'n' }), () => ({ list: 'text', key: 'n5', id: 5 })],
  [
    'text, nobody',
    accounts({ q: 'kim', role: 'none' }),
    (count) => ({ list: 'text', key: 'kim', id: count / 2 }),
  ],
  ['phone', accounts({ q: '6000' }), () => ({ list: 'phone', key: '+916000001000', id: 1 })],
  [
    'disabled',
    accounts({ status: 'disabled' }),
    (count) => ({ list: 'disabled', key: count / 2000, id: count }),
  ],
  [
    'locked',
    accounts({ status: 'locked' }),
    (count, now) => ({ list: 'locked', key: now + count / 2000, id: count }),
  ],
  [
    'unverified',
    accounts({ status: 'unverified' }),
    (count) => ({ list: 'unverified', key: count / 2000, id: count }),
  ],
  ['role', accounts({ role: 'editor' }), (count) => ({ list: 'role', key: count / 2, id: 1 })],
  [
    'role',
    accounts({ role: 'editor', status: 'disabled' }),
    (count) => ({ list: 'disabled', key: count / 2000, id: 1 }),
  ],
  ['time', events({}), (count, now) => ({ list: 'time', key: now - 15 * DAY_MS, id: count })],
  ['subject', events({ subject: 1 }), (count) => ({ list: 'subject', key: count / 2, id: 1 })],
  [
    'subject, rare',
    events({ subject: 1, action: 'none' }),
    (count) => ({ list: 'subject', key: count / 2, id: 1 }),
  ],
  ['actor', events({ actor: 2 }), (count) => ({ list: 'actor', key: count / 2, id: 1 })],
  [
    'action',
    events({ action: 'login' }),
    (count, now) => ({ list: 'action', key: now - 15 * DAY_MS, id: count }),
  ],
  [
    'outcome',
    events({ outcome: 'failure' }),
    (count, now) => ({ list: 'time', key: now - DAY_MS, id: count }),
  ],
];

describe('a million accounts and events', () => {
  let few: TestApp;
  let many: TestApp;

  beforeAll(async () => {
    [few, many] = [await createTestApp(), await createTestApp()];
    await fill(few.db, FEW, few.deps.clock());
    await fill(many.db, MANY, many.deps.clock());
  }, 300_000);

  /** The shortest of several times, in milliseconds. */
  async function timeOf(room: TestApp, read: Read, cursor: string | undefined): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < 7; i++) {
      const start = performance.now();
      await read(room, cursor);
      times.push(performance.now() - start);
    }
    return Math.min(...times);
  }

  test.each(lists)(
    '%s: a page takes as long as one of a thousand, wherever it begins',
    async (_, read, middle) => {
      const cursorIn = (room: TestApp, count: number) =>
        forgedCursor(middle(count, room.deps.clock()));
      const short = Math.max(
        await timeOf(few, read, undefined),
        await timeOf(few, read, cursorIn(few, FEW)),
      );
      for (const cursor of [undefined, cursorIn(many, MANY)]) {
        // Reading all rows of any of these lists takes a hundred times as long.
        expect(await timeOf(many, read, cursor)).toBeLessThan(4 * short + 10);
      }
    },
  );

  test('pages of equal names follow each other without a gap', async () => {
    const seen: number[] = [];
    let cursor: string | undefined = forgedCursor({ list: 'text', key: 'kim', id: MANY - 501 });
    for (;;) {
      const page: Page<{ readonly id: number }> = await accounts({ q: 'kim' })(many, cursor);
      seen.push(...page.items.map(({ id }) => id));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, i) => MANY - 499 + 2 * i));
  });

  test('the numbers of 30 days are those of the rows, and requests run meanwhile', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const { days } = await createStatsReader(many.deps).read(30);
    clearInterval(timer);
    const failed = days.reduce((sum, day) => sum + day.failedLogIns, 0);
    const [row] = await many.db.all<{ n: number }>(
      sql`select count(*) as n from audit_events where action = 'login' and outcome = 'failure'`,
    );
    expect(failed).toBeLessThanOrEqual(Number(row?.n));
    expect(failed).toBeGreaterThan(Number(row?.n) * 0.9);
    expect(turns).toBeGreaterThan(15);
  });
});
