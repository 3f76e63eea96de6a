import { eq, sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import * as accountSchema from '../../src/core/db/account-schema.ts';
import { auditEvents, codes, outbox, sessions, users } from '../../src/core/db/schema.ts';
import { createDeps } from '../../src/deps.ts';
import { createAccountStore } from '../../src/features/account/store.ts';
import { eventsAt } from '../../src/features/audit/event.ts';
import { createExportService } from '../../src/features/export/service.ts';
import { databases } from '../support/databases.ts';
import { createTestApp } from '../support/test-app.ts';

const CALLER = { requestId: 'r', address: '203.0.113.7', network: '203.0.113.7', userAgent: 'x' };
const EVENTS = 1203;

describe.each(Object.entries(databases))('an account on %s', (_, openDatabase) => {
  /** An account with a row in each table that refers to it. */
  async function open() {
    const db = await openDatabase();
    const { deps: others } = await createTestApp();
    const { bodyLimits: _, floodGate: __, ...platform } = others;
    const deps = await createDeps(others.config, { ...platform, fetch: async () => fail(), db });
    const at = deps.clock();
    const [user] = await db
      .insert(users)
      .values({
        email: 'ada@example.com',
        emailNormalized: 'ada@example.com',
        createdAt: at,
        updatedAt: at,
      })
      .returning({ id: users.id });
    const id = Number(user?.id);
    const times = { createdAt: at, lastUsedAt: at, expiresAt: at + 1e9 };
    const own = { userId: id };
    await db.insert(sessions).values({ ...own, ...times, id: 's', rotatedAt: at, method: 'code' });
    await db.insert(codes).values({
      ...{ ...own, hash: 'h', purpose: 'verify', kind: 'link', channel: 'email' },
      ...{ address: 'ada@example.com', entered: 'ada@example.com', createdAt: at, expiresAt: at },
    });
    await db.insert(outbox).values({
      ...{ ...own, id: 'm', kind: 'verify', channel: 'email', state: 'waiting', sealed: 'x' },
      ...{ notBefore: at, createdAt: at, expiresAt: at },
    });
    await db.insert(accountSchema.knownNetworks).values({ ...own, network: 'n', lastSeenAt: at });
    await db.insert(accountSchema.knownDevices).values({ ...own, ...times, id: 'd', hash: 'd' });
    await db.insert(accountSchema.notices).values({ ...own, kind: 'lockout', sentAt: at });
    await db
      .insert(accountSchema.loginFailures)
      .values({ ...own, network: 'n', failures: 1, failingSince: at });
    await db.insert(accountSchema.reservedAddresses).values({
      ...{ ...own, channel: 'email', address: 'a@example.com', entered: 'a@example.com' },
      ...{ verifiedAt: at, reservedUntil: at },
    });
    await db.insert(accountSchema.imports).values({
      ...{ ...own, source: 'pms', sourceId: '7', importedAt: at, fingerprint: 'abcd' },
    });
    await db.run(
      sql`insert into audit_events (at, subject_id, action, outcome, address, request_id)
        with recursive n(i) as (select 1 union all select i + 1 from n where i < ${EVENTS})
        select i, ${id}, 'login', 'success', 'a', i from n`,
    );
    return { db, deps, id, owner: { id, sessionId: 's' } };
  }

  test('[S71] is exported completely', async () => {
    const { deps, owner } = await open();
    let text = '';
    for await (const part of createExportService(deps).read(owner, CALLER)) text += part;
    const data = JSON.parse(text) as Record<string, unknown[]>;
    const lists = Object.entries(data).filter(([, value]) => Array.isArray(value));
    expect(Object.fromEntries(lists.map(([name, { length }]) => [name, length]))).toEqual({
      sessions: 1,
      devices: 1,
      known_networks: 1,
      reserved_addresses: 1,
      pending_codes: 1,
      messages: 1,
      notices: 1,
      login_failures: 1,
      imports: 1,
      events: EVENTS + 1,
    });
  });

  test('[S70] is deleted with all that refers to it, at once or not at all; its events are cleared', async () => {
    const { db, deps, id, owner } = await open();
    const accounts = createAccountStore(deps);
    const event = eventsAt(deps.clock)(CALLER, id, 'account_delete');
    const queue = await deps.messages.prepare(
      { kind: 'deleted', channel: 'email', to: 'ada@example.com', locale: 'en' },
      { userId: id, expiresAt: deps.clock() + 1000 },
    );
    const notice = (condition: Parameters<typeof queue>[0]) => [queue(condition)];
    expect(await accounts.delete({ ...owner, sessionId: 'other' }, event, notice)).toBe(false);
    expect((await db.select().from(outbox)).map(({ kind }) => kind)).toEqual(['verify']);
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => accounts.delete(owner, event, notice)),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    for (const table of [
      ...[users, sessions, codes, accountSchema.knownNetworks, accountSchema.knownDevices],
      ...[accountSchema.notices, accountSchema.loginFailures, accountSchema.reservedAddresses],
    ]) {
      expect(await db.select({ one: sql`1` }).from(table)).toEqual([]);
    }
    expect(await db.select().from(accountSchema.imports)).toMatchObject([
      { userId: id, sourceId: '7', fingerprint: null },
    ]);
    expect(
      (await db.select().from(outbox)).map(({ kind, userId, state }) => [kind, userId, state]),
    ).toEqual([['deleted', null, 'waiting']]);
    let cleared = 0;
    for (let count = 500; count === 500; cleared += count) count = await accounts.clearEvents(500);
    expect(cleared).toBe(EVENTS + 1);
    const events = await db.select().from(auditEvents).where(eq(auditEvents.subjectId, id));
    expect(events).toHaveLength(EVENTS + 1);
    expect(events.filter(({ address, userAgent }) => (address ?? userAgent) !== null)).toEqual([]);
    expect((await db.select().from(accountSchema.deletedAccounts)).map((row) => row.id)).toEqual([
      id,
    ]);
    const later = createAccountStore({ ...deps, clock: () => deps.clock() + 86_400_000 });
    expect([await later.removeCleared(5), await later.removeCleared(5)]).toEqual([1, 0]);
  });
});

const fail = (): never => {
  throw new Error('nothing is fetched');
};
