import { asc, eq } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { deletedAccounts } from '../../src/core/db/account-schema.ts';
import { auditEvents } from '../../src/core/db/schema.ts';
import { clearSoon } from '../../src/features/account/clear-soon.ts';
import { createAccountStore } from '../../src/features/account/store.ts';
import { addEventRows, addPeople } from '../support/people.ts';
import { createTestApp } from '../support/test-app.ts';

const ACT = {
  action: 'account_disable',
  address: '203.0.113.7',
  userAgent: 'curl/8.5.0',
  detail: '{"reason":"spam"}',
};

/** A database in which an administrator has acted `count` times on another account, and was deleted. */
async function open(count: number) {
  const room = await createTestApp();
  const { db, deps } = room;
  const [admin = 0, other = 0] = await addPeople(db, [{}, {}]);
  await addEventRows(
    db,
    Array.from({ length: count }, () => ({ ...ACT, actorId: admin, subjectId: other })),
  );
  await db.insert(deletedAccounts).values({ id: admin, deletedAt: deps.clock() });
  return {
    ...room,
    admin,
    other,
    accounts: createAccountStore(deps),
    uncleared: async () =>
      (await db.select().from(auditEvents)).filter(({ address }) => address !== null).length,
  };
}

describe('the events that a deleted administrator has caused', () => {
  test('lose its address and agent, and keep the detail, which is about the other account', async () => {
    const { db, admin, other, accounts } = await open(1);
    await addEventRows(db, [
      { ...ACT, actorId: admin, subjectId: admin },
      { ...ACT, actorId: other, subjectId: other },
      { ...ACT, actorId: other, subjectId: admin },
      { ...ACT, actorId: null, subjectId: other },
    ]);
    expect(await accounts.clearEvents(500)).toBe(3);
    const cleared = { address: null, userAgent: null };
    expect(await db.select().from(auditEvents).orderBy(asc(auditEvents.id))).toMatchObject([
      { ...ACT, ...cleared, actorId: admin, subjectId: other },
      { ...ACT, ...cleared, detail: '{}' },
      ACT,
      // About the deleted account, whoever has caused it.
      { ...ACT, ...cleared, detail: '{}', actorId: other },
      ACT,
    ]);
  });

  test('are cleared in batches, after the own ones, by any number of servers', async () => {
    const { db, deps, admin, accounts, uncleared } = await open(25);
    await addEventRows(
      db,
      Array.from({ length: 4 }, () => ({ ...ACT, subjectId: admin })),
    );
    const others = createAccountStore(deps);
    expect(await accounts.clearEvents(10)).toBe(10);
    expect(await uncleared()).toBe(19);
    expect(await Promise.all([accounts.clearEvents(10), others.clearEvents(5)])).toEqual([10, 5]);
    expect(await uncleared()).toBe(4);
    expect(await others.clearEvents(10)).toBe(4);
    expect(await accounts.clearEvents(10)).toBe(0);
    expect(await uncleared()).toBe(0);
  });

  test('that a request in flight records later are cleared by the next run, and keep the account noted', async () => {
    const { db, admin, other, tick, advance, accounts, uncleared } = await open(1);
    expect(await tick()).toMatchObject({ deleted_account_events: 1, deleted_accounts: 0 });
    advance(86_400);
    await addEventRows(db, [
      { ...ACT, actorId: admin, subjectId: other, at: Date.UTC(2026, 0, 2) },
    ]);
    expect(await accounts.removeCleared(9)).toBe(0);
    expect(await tick()).toMatchObject({ deleted_account_events: 1, deleted_accounts: 1 });
    expect(await uncleared()).toBe(0);
  });

  test('are read by their index, no more of them than are cleared', async () => {
    const { db, admin, accounts } = await open(30);
    const noted = async () =>
      (await db.select().from(deletedAccounts).where(eq(deletedAccounts.id, admin)))[0]
        ?.actsClearedTo;
    const ids = (await db.select({ id: auditEvents.id }).from(auditEvents)).map(({ id }) => id);
    await accounts.clearEvents(10);
    expect(await noted()).toBe(ids[9]);
    await accounts.clearEvents(10);
    expect(await noted()).toBe(ids[19]);
  });

  test('start to be cleared at once: 10 batches at most, in a Worker that may send 50 requests', async () => {
    const { db, admin, other, accounts, uncleared } = await open(0);
    const row = { ...ACT, actorId: admin, subjectId: other, at: 0, requestId: 'r' };
    for (let chunk = 0; chunk < 6; chunk++) {
      const rows = Array.from({ length: 500 }, () => ({ ...row, outcome: 'success' as const }));
      await db.insert(auditEvents).values(rows);
    }
    const batch = db.batch.bind(db);
    let batches = 0;
    db.batch = (statements) => {
      batches++;
      return batch(statements);
    };
    await clearSoon(accounts)();
    expect([batches, await uncleared()]).toEqual([10, 500]);
  });
});
