import { describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/features/messages/delivery.ts';
import { createMessageApp } from '../support/message-app.ts';
import { openOutbox, outboxRows, queue, resetMessage } from '../support/outbox.ts';

const MINUTE = 60;

describe('a message', () => {
  test('is sent once, with its id, and its row is blank afterwards', async () => {
    const { add, deliver, sent, db, counts, logs } = await createMessageApp();
    await add();
    await add('+919876543210');
    await deliver();
    await deliver();
    const rows = await outboxRows(db);
    expect(rows).toMatchObject([
      { state: 'sent', sealed: null, lockedUntil: null, attempts: 1 },
      { state: 'sent', sealed: null, lockedUntil: null, attempts: 1 },
    ]);
    expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(rows.map(({ id }) => id)));
    expect(sent).toContainEqual(
      expect.objectContaining({
        to: 'ada@example.com',
        kind: 'reset',
        locale: 'en',
        code: '123456',
      }),
    );
    expect(counts).toEqual({
      'latchkey_messages_total reset email sent': 1,
      'latchkey_messages_total reset phone sent': 1,
    });
    expect(logs).toEqual([]);
  });

  test('whose change was rejected is not queued, and a decoy is never sent', async () => {
    const { deps, deliver, sent, db, states } = await createMessageApp();
    const recipient = { userId: null, expiresAt: deps.clock() + 1 };
    await queue(db, deps.messages, resetMessage(), recipient);
    await deliver();
    expect([sent, await states()]).toEqual([[], ['decoy']]);
  });

  test('that is rejected is final, and the log has no address', async () => {
    const { add, deliver, next, states, advance, events, sent, logs } = await createMessageApp();
    next.result = () => ({ kind: 'rejected', reason: 'EENVELOPE 550' });
    await add();
    await deliver();
    advance(60 * MINUTE);
    await deliver();
    expect([sent.length, await states()]).toEqual([1, ['rejected']]);
    expect(events()).toEqual([
      expect.objectContaining({
        level: 'warn',
        event: 'message_rejected',
        id: sent[0]?.id,
        kind: 'reset',
        channel: 'email',
        reason: 'EENVELOPE 550',
      }),
    ]);
    expect(logs.join()).not.toMatch(/ada@|123456|token-of/);
  });

  test.each([
    ['a@example.com\r\nBcc: b@example.com'],
    ['a@example.com, b@example.com'],
    ['a@example.com>\0'],
    ['"a b"@example.com'],
    ['+91 98765'],
    ['+919876543210\n'],
  ])('to %j reaches no sender', async (to) => {
    const { add, deliver, states, sent } = await createMessageApp();
    await add(to);
    await deliver();
    expect([sent, await states()]).toEqual([[], ['rejected']]);
  });

  test('to a domain beyond ASCII is sent to its ASCII form', async () => {
    const { add, deliver, sent } = await createMessageApp();
    await add('jürgen@Bücher.example');
    await deliver();
    expect(sent[0]?.to).toBe('jürgen@xn--bcher-kva.example');
  });
});

describe('a sender that fails', () => {
  test.each([
    ['throws', () => Promise.reject(new Error('to ada@example.com')), 'Error'],
    ['says later', () => ({ kind: 'later', reason: 'status_503' }) as const, 'status_503'],
  ])(
    '%s: the message is tried with growing pauses until its code expires',
    async (_, result, reason) => {
      const { add, deliver, next, states, advance, sent, events, logs, counts } =
        await createMessageApp();
      next.result = result;
      await add();
      const times: number[] = [];
      for (let second = 0; second <= 15 * MINUTE; second++) {
        const before = sent.length;
        await deliver();
        if (sent.length > before) times.push(second);
        advance(1);
      }
      const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
      for (const [i, most] of [38, 75, 150, 300].entries()) {
        expect(pauses[i]).toBeGreaterThan(most * 0.58);
        expect(pauses[i]).toBeLessThanOrEqual(most);
      }
      // The last attempts come closer together, and end half a minute before the code does.
      expect(times.at(-1)).toBeGreaterThan(13 * MINUTE);
      expect(times.at(-1)).toBeLessThanOrEqual(15 * MINUTE - 15);
      expect(await states()).toEqual(['dead']);
      const logged = events().map(({ event }) => event);
      expect(logged.filter((event) => event === 'message_dead')).toHaveLength(1);
      expect(logged.filter((event) => event === 'message_postponed')).toHaveLength(
        times.length - 1,
      );
      expect(events()[0]).toMatchObject({ level: 'warn', reason, attempts: 1 });
      expect(counts).toEqual({
        'latchkey_messages_total reset email later': times.length,
        'latchkey_messages_total reset email dead': 1,
      });
      expect(logs.join()).not.toMatch(/ada@|123456|token-of/);
    },
  );

  test('hangs: the attempt ends after its limit, and the next one has the same id', async () => {
    const { add, db, deps, sent, next, advance, deliver } = await createMessageApp();
    const outbox = await openOutbox(db, deps.clock, [...deps.config.secretKeys]);
    const never = async () => new Promise<never>(() => {});
    const { log, meter, clock } = deps;
    const parts = { outbox, log, meter, clock, senders: { email: never }, limitMs: 20 };
    await add();
    await createDelivery(parts).deliver();
    expect(await outboxRows(db)).toMatchObject([{ state: 'waiting', attempts: 1 }]);
    advance(MINUTE);
    next.result = () => ({ kind: 'sent' });
    await deliver();
    expect(sent[0]?.id).toBe((await outboxRows(db))[0]?.id);
  });

  test('is not asked for a message that expired while it waited', async () => {
    const { add, deliver, sent, advance, states, events } = await createMessageApp();
    await add();
    advance(15 * MINUTE);
    await deliver();
    await deliver();
    expect([sent, await states()]).toEqual([[], ['dead']]);
    expect(events()).toMatchObject([{ event: 'message_dead', kind: 'reset', attempts: 0 }]);
  });
});

describe('a provider that refuses the deployment', () => {
  const refusal = { kind: 'misconfigured', reason: 'EAUTH 535' } as const;

  test('holds its channel alone; one message a minute tries it; nothing counts', async () => {
    const app = await createMessageApp();
    const { add, deliver, next, deps, db, sent, advance, events } = app;
    next.result = () => refusal;
    for (let i = 0; i < 7; i++) await add();
    await deliver();
    await deliver();
    expect(sent).toHaveLength(5);
    expect(deps.messages.state()).toBe('held');
    for (let minute = 1; minute <= 3; minute++) {
      advance(MINUTE - 1);
      await deliver();
      expect(sent).toHaveLength(4 + minute);
      advance(1);
      await deliver();
      expect(sent).toHaveLength(5 + minute);
    }
    next.result = () => ({ kind: 'sent' });
    await add('+919876543210');
    await deliver();
    expect(sent.at(-1)?.to).toBe('+919876543210');
    expect(deps.messages.state()).toBe('held');
    expect(events().map(({ event }) => event)).toEqual(Array(4).fill('messages_held'));
    expect(events()[0]).toMatchObject({ level: 'error', channel: 'email', reason: 'EAUTH 535' });

    advance(MINUTE);
    await deliver();
    expect(deps.messages.state()).toBe('ok');
    expect(events().at(-1)).toMatchObject({ event: 'messages_resumed', channel: 'email' });
    expect(
      (await outboxRows(db)).every(({ state, attempts }) => state === 'sent' && attempts === 1),
    ).toBe(true);
  });

  test('for one message only does not hold the others', async () => {
    const { add, deliver, next, deps, sent, advance, states } = await createMessageApp();
    await add('first@example.com');
    await deliver();
    next.result = () => (sent.at(-1)?.to === 'odd@example.com' ? refusal : { kind: 'sent' });
    await add('odd@example.com', 60);
    await deliver();
    expect(deps.messages.state()).toBe('ok');
    await add();
    await deliver();
    expect((await states()).toSorted()).toEqual(['sent', 'sent', 'waiting']);
    // On its own, a minute later, it holds the queue, until another message gets through.
    advance(2 * MINUTE);
    await deliver();
    expect(deps.messages.state()).toBe('held');
    await add();
    advance(MINUTE);
    await deliver();
    expect(deps.messages.state()).toBe('ok');
  });

  test('shows in GET /readyz, which stays 200', async () => {
    const { app, add, deliver, next } = await createMessageApp();
    const ready = async () => {
      const response = await app.request('/readyz');
      return [response.status, await response.json()];
    };
    expect(await ready()).toEqual([200, { status: 'ready', messages: 'ok' }]);
    next.result = () => refusal;
    await add();
    await deliver();
    expect(await ready()).toEqual([200, { status: 'ready', messages: 'held' }]);
  });
});

describe('runs', () => {
  test('do not overlap; a call during a run makes it look again', async () => {
    const { add, deliver, sent, next, states } = await createMessageApp();
    let release = () => {};
    next.result = () =>
      new Promise((resolve) => {
        release = () => resolve({ kind: 'sent' });
      });
    await add();
    const run = deliver();
    await expect.poll(() => sent.length).toBe(1);
    await add();
    await deliver();
    expect(sent).toHaveLength(1);
    next.result = () => ({ kind: 'sent' });
    release();
    await run;
    expect(await states()).toEqual(['sent', 'sent']);
  });

  test('claim at most as many as they may, and none after the signal', async () => {
    const { add, deliver, sent, next } = await createMessageApp();
    for (let i = 0; i < 30; i++) await add();
    await deliver(12);
    expect(sent).toHaveLength(12);
    await deliver(undefined, AbortSignal.abort());
    expect(sent).toHaveLength(12);
    const ending = new AbortController();
    next.result = () => {
      ending.abort();
      return { kind: 'sent' };
    };
    await deliver(undefined, ending.signal);
    expect(sent).toHaveLength(17);
  });

  test('start by a kick, until the service stops', async () => {
    const { add, deps, states } = await createMessageApp();
    const works: Promise<unknown>[] = [];
    const later = (work: Promise<unknown> | (() => Promise<unknown>)) =>
      void works.push(typeof work === 'function' ? work() : work);
    await add();
    deps.messages.kick(later);
    await Promise.all(works);
    expect(await states()).toEqual(['sent']);
    deps.messages.stop();
    deps.messages.kick(later);
    expect(works).toHaveLength(1);
  });

  test('log an error of the database, and the next one works', async () => {
    const { add, deliver, db, logs, states } = await createMessageApp();
    await add();
    await db.run('alter table outbox rename to away');
    await deliver();
    expect(logs.join()).toMatch(/delivery_failed.*no such table/);
    expect(logs.join()).not.toMatch(/update "|params/i);
    await db.run('alter table away rename to outbox');
    await deliver();
    expect(await states()).toEqual(['sent']);
  });
});
