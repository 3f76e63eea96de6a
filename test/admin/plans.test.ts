import { createClient, type InArgs } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deletedAccounts } from '../../src/core/db/account-schema.ts';
import { createAccountStore } from '../../src/features/account/store.ts';
import type { AccountQuery } from '../../src/features/admin/directory.ts';
import { createDirectory } from '../../src/features/admin/directory-store.ts';
import type { AuditQuery } from '../../src/features/admin/record.ts';
import { createAuditRecord } from '../../src/features/admin/record-store.ts';
import { createSessionDirectory } from '../../src/features/admin/session-store.ts';
import { createStatsReader } from '../../src/features/admin/stats-store.ts';
import { createSessionStore } from '../../src/features/sessions/store.ts';
import { createUserStore } from '../../src/features/users/store.ts';
import { addEventRows, addPeople, forgedCursor } from '../support/people.ts';
import { MIGRATIONS } from '../support/test-app.ts';

const NOW = 1e12;
const config = {
  defaultPhoneRegion: 'IN',
  sessionLifetime: { idle: NOW, absolute: NOW },
} as const;

const client = createClient({ url: ':memory:' });
const statements: { sql: string; args: InArgs }[] = [];
const logger = {
  logQuery: (sql: string, args: unknown[]) =>
    // The driver is given the same values.
    void statements.push({ sql, args: args as (string | number | null)[] }),
};
const db = drizzle({ client, logger });
const parts = { db, clock: () => NOW, config };

beforeAll(async () => {
  await migrate(drizzle({ client }), { migrationsFolder: MIGRATIONS });
  await addPeople(
    db,
    Array.from({ length: 3 }, (_, i) => ({
      email: `ada${i}@x`,
      name: 'ada',
      phone: `+9177608739${i}`,
      disabledAt: 5,
      lockedUntil: NOW + 5,
      roles: ['editor'],
    })),
  );
  await addEventRows(
    db,
    Array.from({ length: 3 }, () => ({ actorId: 2, subjectId: 1 })),
  );
  await client.execute("insert into users (name, created_at, updated_at) values ('Old', 0, 0)");
});
afterAll(() => client.close());

/** The plans of the statements that this runs, and their number. */
async function plansOf(run: () => Promise<unknown>, of = client): Promise<string[][]> {
  statements.length = 0;
  await run();
  return Promise.all(
    [...statements].map(async ({ sql, args }) => {
      const plan = await of.execute({ sql: `explain query plan ${sql}`, args });
      return plan.rows.map(({ detail }) => String(detail));
    }),
  );
}

/** Steps that read neither a table nor an index. */
const FREE =
  /^(SCAN CONSTANT ROW|SCAN \(subquery-\d+\)|CO-ROUTINE|(CORRELATED )?SCALAR SUBQUERY|LIST SUBQUERY)/;
/** The index of waiting messages has no others. */
const BY_INDEX =
  /^(SEARCH \w+ USING ((COVERING )?INDEX|INTEGER PRIMARY KEY)|SCAN outbox USING COVERING INDEX outbox_waiting)/;

function expectIndexed(plans: readonly string[][]): void {
  expect(plans.length).toBeGreaterThan(0);
  for (const steps of plans) {
    expect(steps.filter((step) => !FREE.test(step) && !BY_INDEX.test(step))).toEqual([]);
    expect(steps).toContainEqual(expect.stringMatching(BY_INDEX));
  }
}

describe('the plans of statements', () => {
  const statuses = [undefined, 'active', 'disabled', 'locked', 'unverified'] as const;
  const queries = [undefined, 'ada', '776', '+91776'].flatMap((q) =>
    [undefined, 'editor'].flatMap((role) =>
      statuses.map((status): Omit<AccountQuery, 'limit'> => ({ q, role, status })),
    ),
  );

  test.each(queries)('accounts: %j', async (query) => {
    const directory = createDirectory(parts);
    expectIndexed(await plansOf(() => directory.list({ ...query, limit: 1 })));
    const { nextCursor: cursor } = await directory.list({ ...query, limit: 1 });
    if (cursor === null) return;
    const plans = await plansOf(() => directory.list({ ...query, limit: 1, cursor }));
    expectIndexed(plans);
    expect(plans.length).toBeLessThanOrEqual(5);
  });

  test('accounts: every list has been read beyond its first page', async () => {
    for (const [list, key, query] of [
      ['id', 3, {}],
      ['text', 'ada', { q: 'ada' }],
      ['phone', '+9177', { q: '776' }],
      ['disabled', 5, { status: 'disabled' }],
      ['locked', NOW + 5, { status: 'locked' }],
      ['unverified', 5, { status: 'unverified' }],
      ['role', 3, { role: 'editor' }],
    ] as const) {
      const cursor = forgedCursor({ list, key, id: 3 });
      expectIndexed(
        await plansOf(() => createDirectory(parts).list({ ...query, limit: 9, cursor })),
      );
    }
  });

  test.each([
    [{}, 11],
    [{ q: 'ada' }, 26],
    [{ q: '776' }, 11],
    [{ status: 'disabled' }, 11],
    [{ q: 'ada', status: 'disabled' }, 500],
    [{ status: 'active' }, 500],
  ] as const)(
    'accounts: %j examines %i rows of each index for a page of ten',
    async (query, rows) => {
      await plansOf(() => createDirectory(parts).list({ ...query, limit: 10 }));
      const limits = statements
        .filter(({ sql }) => sql.endsWith('limit ?'))
        .map(({ args }) => (Array.isArray(args) ? args.at(-1) : undefined));
      expect(limits.length).toBeGreaterThan(0);
      expect(new Set(limits)).toEqual(new Set([rows]));
    },
  );

  const audits: Omit<AuditQuery, 'limit'>[] = [undefined, 1].flatMap((subject) =>
    [undefined, 2].flatMap((actor) =>
      [undefined, 'login'].flatMap((action) =>
        [undefined, 'success' as const].map((outcome) => ({ subject, actor, action, outcome })),
      ),
    ),
  );

  test.each(audits)('the audit record: %j', async (query) => {
    const record = createAuditRecord(parts);
    expectIndexed(await plansOf(() => record.list({ ...query, limit: 1 })));
    const { nextCursor: cursor } = await record.list({ ...query, limit: 1 });
    expect(cursor).not.toBeNull();
    const next = { ...query, limit: 1, cursor: cursor ?? undefined };
    expectIndexed(await plansOf(() => record.list(next)));
  });

  test('an account, its sessions, the numbers of 30 days', async () => {
    const directory = createDirectory(parts);
    for (const who of ['1', 'ada1@x.com', '7760873976']) {
      expectIndexed(await plansOf(() => directory.findByName(who)));
    }
    const sessions = createSessionDirectory(parts);
    const cursor = forgedCursor({ list: 'sessions', key: 5, id: 5 });
    expectIndexed(await plansOf(() => sessions.list(1, { limit: 5 })));
    expectIndexed(await plansOf(() => sessions.list(1, { limit: 5, cursor })));
    const plans = await plansOf(() => createStatsReader(parts).read(30));
    expectIndexed(plans);
    expect(plans).toHaveLength(31);
    const events = plans.flat().filter((step) => /audit_events|outbox/.test(step));
    expect(events.filter((step) => !step.includes('COVERING'))).toEqual([]);
  });

  test('names without a folded form are found by their index', async () => {
    const [select, update] = await plansOf(() => createUserStore(db, () => NOW).foldNames(500));
    // The index has no other rows.
    expect(select).toEqual(['SCAN users USING INDEX users_unfolded']);
    expect(update?.filter((step) => / users /.test(step))).toEqual([
      expect.stringMatching(/^SEARCH users USING INTEGER PRIMARY KEY/),
    ]);
  });

  test('the events that a deleted administrator has caused are found by their index', async () => {
    // The driver begins no batch on a connection that has explained a statement with RETURNING.
    const own = createClient({ url: ':memory:' });
    const batch = own.batch.bind(own);
    // drizzle does not log the statements of a batch.
    own.batch = (all, mode) => {
      for (const one of all) {
        if (typeof one !== 'string' && 'sql' in one) {
          statements.push({ sql: one.sql, args: one.args ?? [] });
        }
      }
      return batch(all, mode);
    };
    const logged = drizzle({ client: own, logger });
    await migrate(drizzle({ client: own }), { migrationsFolder: MIGRATIONS });
    await logged.insert(deletedAccounts).values({ id: 2, deletedAt: 0 });
    const sessions = createSessionStore(logged, {
      lifetime: config.sessionLifetime,
      grace: 0,
      refreshQuota: null,
      clock: () => NOW,
      endChanges: () => {
        throw new Error('not used');
      },
    });
    const accounts = createAccountStore({ db: logged, clock: () => NOW, sessions });
    const plans = await plansOf(async () => {
      await accounts.clearEvents(500);
      await accounts.removeCleared(500);
    }, own);
    own.close();
    const steps = plans.flat();
    const ofEvents = steps.filter((step) => step.includes(' audit_events'));
    expect(ofEvents.filter((step) => !BY_INDEX.test(step))).toEqual([]);
    const acted = ofEvents.filter((step) =>
      step.includes('audit_events_acted (actor_id=? AND id>?)'),
    );
    expect(acted).toHaveLength(3);
    expect(steps.filter((step) => step.includes('FOR ORDER BY'))).toEqual([]);
  });
});
