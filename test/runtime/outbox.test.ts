import { describe, expect, test } from 'vitest';
import type { Database } from '../../src/core/db/database.ts';
import { databases } from '../support/databases.ts';
import { addUser, MINUTE, openOutbox, outboxRows, queue, resetMessage } from '../support/outbox.ts';

const START = Date.UTC(2026, 0, 1, 12);

async function open(openDatabase: () => Promise<Database>) {
  const db = await openDatabase();
  let now = START;
  const clock = () => now;
  const outbox = await openOutbox(db, clock);
  const userId = await addUser(db);
  return {
    db,
    outbox,
    userId,
    clock,
    advance: (ms: number) => {
      now += ms;
    },
    add: (count: number, minutes = 15) =>
      Array.from({ length: count }).reduce<Promise<void>>(
        (before) =>
          before.then(() =>
            queue(db, outbox, resetMessage(), { userId, expiresAt: now + minutes * MINUTE }),
          ),
        Promise.resolve(),
      ),
  };
}

describe.each(Object.entries(databases))('the outbox on %s', (_, openDatabase) => {
  test('20 concurrent claims return each message once', async () => {
    const { outbox, add, db } = await open(openDatabase);
    await add(50);
    const claims = await Promise.all(
      Array.from({ length: 20 }, () => outbox.claim(5, ['email', 'phone'])),
    );
    const ids = claims.flatMap(({ messages }) => messages.map(({ id }) => id));
    expect([ids.length, new Set(ids).size]).toEqual([50, 50]);
    expect(claims.flatMap(({ messages }) => messages)[0]?.message).toEqual(resetMessage());
    expect((await outbox.claim(5, ['email'])).messages).toEqual([]);
    expect((await outboxRows(db)).map(({ attempts }) => attempts)).toEqual(Array(50).fill(1));
  });

  test('a claim ends after 120 seconds; the server that lost it changes nothing', async () => {
    const { outbox, add, advance, db } = await open(openDatabase);
    await add(1);
    const [lost] = (await outbox.claim(5, ['email'])).messages;
    if (!lost) throw new Error('Nothing was claimed');
    advance(120_000 - 1);
    expect((await outbox.claim(5, ['email'])).messages).toEqual([]);
    advance(1);
    const [held] = (await outbox.claim(5, ['email'])).messages;
    if (!held) throw new Error('Nothing was claimed');
    expect([held.id, held.attempts]).toEqual([lost.id, 2]);
    const before = await outboxRows(db);
    expect(await outbox.settle(lost, 'sent')).toBe(false);
    expect(await outbox.postpone(lost, 0)).toBe(false);
    expect(await outbox.postpone(lost, 0, false)).toBe(false);
    expect(await outboxRows(db)).toEqual(before);

    // Not counted, so the next claim has the attempts of the lost one.
    expect(await outbox.postpone(held, START, false)).toBe(true);
    expect(await outbox.settle(lost, 'sent')).toBe(false);
    const [next] = (await outbox.claim(5, ['email'])).messages;
    expect(next?.attempts).toBe(2);
    expect(next && (await outbox.settle(next, 'sent'))).toBe(true);
    expect(next && (await outbox.settle(next, 'sent'))).toBe(false);
    expect(await outboxRows(db)).toMatchObject([
      { state: 'sent', sealed: null, lockedUntil: null },
    ]);
  });

  test('claims due messages of the channel, oldest first, and no decoy', async () => {
    const { outbox, add, advance, db, userId, clock } = await open(openDatabase);
    const expiresAt = clock() + 15 * MINUTE;
    await queue(db, outbox, resetMessage('+919876543210'), { userId, expiresAt });
    await queue(db, outbox, resetMessage(), { userId: null, expiresAt });
    advance(1);
    await add(2);
    advance(1);
    await add(1);
    const { messages } = await outbox.claim(2, ['email']);
    expect(messages.map(({ channel }) => channel)).toEqual(['email', 'email']);
    const [third] = (await outbox.claim(2, ['email'])).messages;
    expect((await outboxRows(db)).at(-1)?.id).toBe(third?.id);
    expect(third && (await outbox.postpone(third, clock() + 10))).toBe(true);
    expect((await outbox.claim(9, ['email'])).messages).toEqual([]);
    advance(10);
    expect((await outbox.claim(9, ['email'])).messages).toMatchObject([{ id: third?.id }]);
    expect((await outbox.claim(9, ['phone'])).messages).toMatchObject([{ channel: 'phone' }]);
  });

  test('an expired message is returned as dead once, of every channel, and is blank', async () => {
    const { outbox, add, advance, db } = await open(openDatabase);
    await add(30, 1);
    advance(MINUTE);
    await add(1, 1);
    const claims = await Promise.all(Array.from({ length: 9 }, () => outbox.claim(5, [])));
    const dead = claims.flatMap((claim) => claim.dead.map(({ id }) => id));
    expect([dead.length, new Set(dead).size]).toEqual([30, 30]);
    expect(claims.flatMap(({ messages }) => messages)).toEqual([]);
    const rows = await outboxRows(db);
    expect(rows.filter(({ state, sealed }) => state === 'dead' && sealed === null)).toHaveLength(
      30,
    );
    expect(rows.filter(({ state }) => state === 'waiting')).toHaveLength(1);
  });

  test('old rows are removed a week after they expired, whatever became of them', async () => {
    const { outbox, add, advance, db, clock } = await open(openDatabase);
    await add(3, 1);
    await queue(db, outbox, resetMessage(), { userId: null, expiresAt: clock() + MINUTE });
    // A decoy is removed at once.
    expect(await outbox.removeOld(500)).toBe(1);
    advance(MINUTE + 7 * 86_400_000 - 1);
    expect(await outbox.removeOld(500)).toBe(0);
    advance(1);
    expect([await outbox.removeOld(2), await outbox.removeOld(2)]).toEqual([2, 1]);
    expect(await outboxRows(db)).toEqual([]);
  });
});
