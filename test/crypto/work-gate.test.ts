import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors.ts';
import { behindGate, createWorkGate, openGate } from '../../src/features/passwords/gate.ts';

const ROOMY = { permits: 2, maxQueue: 100, maxWaitMs: 60_000 };

/** Work that ends when `end` is called. */
function openEnd() {
  let end = () => {};
  let hasBegun = false;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const work = () => {
    hasBegun = true;
    return ended;
  };
  return { work, end: () => end(), hasBegun: () => hasBegun };
}

/** Resolves after all pending promise callbacks have run. */
const settled = () => delay(0);

const codeOf = async (answer: Promise<unknown>): Promise<unknown> => {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof AppError ? error.code : error;
};

describe('createWorkGate', () => {
  test('runs as much work as it has permits, and the rest in the order of the calls', async () => {
    const gate = createWorkGate(ROOMY);
    const works = Array.from({ length: 6 }, openEnd);
    const runs = works.map(({ work }) => gate.run(null, work));
    const begun = () => works.map(({ hasBegun }) => hasBegun());
    await settled();
    expect(begun()).toEqual([true, true, false, false, false, false]);
    works[1]?.end();
    await settled();
    expect(begun()).toEqual([true, true, true, false, false, false]);
    works[0]?.end();
    works[2]?.end();
    await settled();
    expect(begun()).toEqual([true, true, true, true, true, false]);
    for (const { end } of works) end();
    await Promise.all(runs);
    expect(begun()).toEqual(works.map(() => true));
  });

  test('returns the result of the work, and rethrows its error', async () => {
    const gate = createWorkGate(ROOMY);
    const fault = new Error('of the work');
    expect(await gate.run(null, async () => 42)).toBe(42);
    expect(await codeOf(gate.run(null, () => Promise.reject(fault)))).toBe(fault);
  });

  test('work that fails, even synchronously, releases its permit', async () => {
    const gate = createWorkGate({ ...ROOMY, permits: 1 });
    const failing = gate.run(null, () => Promise.reject(new Error('late')));
    const throwing = gate.run(null, () => {
      throw new Error('at once');
    });
    const waiting = gate.run(null, async () => 'served');
    await Promise.allSettled([failing, throwing]);
    expect(await waiting).toBe('served');
    expect(await gate.run(null, async () => 'served too')).toBe('served too');
  });

  test('refuses work at once and without starting it when the queue is full', async () => {
    const gate = createWorkGate({ ...ROOMY, permits: 1, maxQueue: 8 });
    const works = Array.from({ length: 3 }, openEnd);
    const runs = works.map(({ work }) => gate.run(null, work));
    const late = openEnd();
    expect(gate.isFull(null)).toBe(true);
    expect(await codeOf(gate.run(null, late.work))).toBe('overloaded');
    expect(late.hasBegun()).toBe(false);
    works[0]?.end();
    await settled();
    expect(gate.isFull(null)).toBe(false);
    for (const { end } of works) end();
    await Promise.all(runs);
  });

  test('refuses work that has waited too long, and never starts it', async () => {
    const waits: number[] = [];
    const onWaited = (waitedMs: number) => waits.push(waitedMs);
    const gate = createWorkGate({ permits: 1, maxQueue: 40, maxWaitMs: 20, onWaited });
    const [held, late] = [openEnd(), openEnd()];
    const running = gate.run(null, held.work);
    expect(await codeOf(gate.run(null, late.work))).toBe('overloaded');
    held.end();
    await running;
    await settled();
    expect(late.hasBegun()).toBe(false);
    expect(await gate.run(null, async () => 'served')).toBe('served');
    expect(waits).toContain(20);
  });

  test('refuses work at once if, by recent durations, it would wait too long', async () => {
    let now = 0;
    const gate = createWorkGate({ permits: 1, maxQueue: 40, maxWaitMs: 1000 }, () => now);
    const first = openEnd();
    const running = gate.run(null, first.work);
    now = 7200; // counts as one eighth of the mean: 900 ms
    first.end();
    await running;
    const works = [openEnd(), openEnd()];
    const runs = works.map(({ work }) => gate.run(null, work));
    expect(gate.isFull(null)).toBe(true);
    expect(await codeOf(gate.run(null, async () => 'never'))).toBe('overloaded');
    for (const { end } of works) end();
    await Promise.all(runs);
    expect(gate.isFull(null)).toBe(false);
  });

  test('a permit is held until its work ends, even if the caller has left', async () => {
    const gate = createWorkGate({ ...ROOMY, permits: 1 });
    const [held, next] = [openEnd(), openEnd()];
    const left = Promise.race([
      gate.run(null, held.work),
      Promise.reject(new Error('client gone')),
    ]);
    await expect(left).rejects.toThrow('client gone');
    const run = gate.run(null, next.work);
    await settled();
    expect(next.hasBegun()).toBe(false);
    held.end();
    next.end();
    await run;
    expect(next.hasBegun()).toBe(true);
  });

  test('any work: at most `permits` run at once, all settle, no permit leaks', async () => {
    const work = fc.record({ turns: fc.nat(4), fails: fc.boolean(), pause: fc.nat(2) });
    const bounds = fc.record({ permits: fc.integer({ min: 1, max: 4 }), maxQueue: fc.nat(24) });
    await fc.assert(
      fc.asyncProperty(bounds, fc.array(work, { maxLength: 30 }), async (options, works) => {
        const gate = createWorkGate({ ...options, maxWaitMs: 60_000 });
        let running = 0;
        let most = 0;
        const runs: Promise<unknown>[] = [];
        for (const { turns, fails, pause } of works) {
          const run = gate.run(null, async () => {
            most = Math.max(most, ++running);
            for (let turn = 0; turn < turns; turn++) await null;
            running--;
            if (fails) throw new Error('of the work');
          });
          run.catch(() => {});
          runs.push(run);
          for (let turn = 0; turn < pause; turn++) await null;
        }
        const refused = (await Promise.all(runs.map(codeOf))).filter((c) => c === 'overloaded');
        expect(running).toBe(0);
        expect(most).toBeLessThanOrEqual(options.permits);
        expect(works.length - refused.length).toBeGreaterThanOrEqual(
          Math.min(works.length, options.permits + Math.floor(options.maxQueue / 4)),
        );
        expect(gate.isFull(null)).toBe(false);
        const all = Array.from({ length: options.permits }, openEnd);
        const again = all.map((one) => gate.run(null, one.work));
        expect(all.map((one) => one.hasBegun())).toEqual(all.map(() => true));
        for (const one of all) one.end();
        await Promise.all(again);
      }),
    );
  });
});

describe('[S47] the gate, by network', () => {
  const neighbour = (n: number): string => `2001:db8:1:${n.toString(16)}::1`;

  test('with 512 networks of one /48 in the gate, a stranger is next', async () => {
    const gate = createWorkGate({ ...ROOMY, maxQueue: 96 });
    const works = Array.from({ length: 512 }, openEnd);
    const runs = works.map(({ work }, n) => codeOf(gate.run(neighbour(n), work)));
    expect(gate.isFull(neighbour(5))).toBe(true);
    expect(gate.isFull('203.0.113.7')).toBe(false);
    const stranger = openEnd();
    const served = gate.run('203.0.113.7', stranger.work);
    works[0]?.end();
    await settled();
    expect(stranger.hasBegun()).toBe(true);
    for (const { end } of [stranger, ...works]) end();
    await served;
    const codes = await Promise.all(runs);
    expect(codes.filter((code) => code === undefined)).toHaveLength(2 + 24);
    expect(codes.filter((code) => code === 'overloaded')).toHaveLength(512 - 2 - 24);
  });

  test('a stranger who goes first is accepted when others would wait too long', async () => {
    let now = 0;
    const gate = createWorkGate({ permits: 1, maxQueue: 96, maxWaitMs: 2000 }, () => now);
    const first = openEnd();
    const warmUp = gate.run(null, first.work);
    now = 6400; // counts as one eighth of the mean: 800 ms, so two may wait
    first.end();
    await warmUp;
    const works = Array.from({ length: 3 }, openEnd);
    const runs = works.map(({ work }) => gate.run('198.51.100.1', work));
    expect(gate.isFull('198.51.100.1')).toBe(true);
    expect(gate.isFull('203.0.113.7')).toBe(false);
    for (const { end } of works) end();
    await Promise.all(runs);
  });

  test('a queue filled by 24 addresses accepts a stranger and evicts its last caller', async () => {
    const gate = createWorkGate({ ...ROOMY, permits: 1, maxQueue: 96 });
    const works = Array.from({ length: 97 }, openEnd);
    const runs = works.map(({ work }, n) => codeOf(gate.run(`198.51.100.${n % 24}`, work)));
    expect(gate.isFull('198.51.100.0')).toBe(true);
    const stranger = openEnd();
    const served = gate.run('203.0.113.7', stranger.work);
    await settled();
    works[0]?.end();
    await settled();
    expect(stranger.hasBegun()).toBe(true);
    for (const { end } of [stranger, ...works]) end();
    await served;
    expect((await Promise.all(runs)).filter((code) => code === 'overloaded')).toHaveLength(1);
  });

  test('a network with many callers is served after the others', async () => {
    const gate = createWorkGate({ ...ROOMY, permits: 1 });
    const order: string[] = [];
    const runs = ['a', 'a', 'a', 'a', 'b', 'b', 'c'].map((host) =>
      gate.run(host, async () => {
        order.push(host);
      }),
    );
    await Promise.all(runs);
    expect(order).toEqual(['a', 'c', 'b', 'b', 'a', 'a', 'a']);
  });

  test('at most 64 requests of a network are in flight; others are not affected', async () => {
    const gate = createWorkGate(ROOMY);
    const tasks = Array.from({ length: 64 }, openEnd);
    const admitted = tasks.map(({ work }, n) => gate.admit(neighbour(n), work));
    expect(gate.isFull(neighbour(64))).toBe(true);
    expect(await codeOf(gate.admit(neighbour(64), async () => {}))).toBe('overloaded');
    expect(gate.isFull('203.0.113.7')).toBe(false);
    expect(await gate.admit('203.0.113.7', async () => 'served')).toBe('served');
    for (const { end } of tasks) end();
    await Promise.all(admitted);
    expect(await gate.admit(neighbour(64), async () => 'served')).toBe('served');
    expect(await codeOf(gate.admit(null, () => Promise.reject(new AppError('not_found'))))).toBe(
      'not_found',
    );
    expect(gate.isFull(neighbour(64))).toBe(false);
  });
});

test('behindGate sends every hash and verification through the gate', async () => {
  const gate = createWorkGate({ permits: 1, maxQueue: 0, maxWaitMs: 1000 });
  const passwords = behindGate({ hash: async () => 'hash', verify: async () => 'match' }, gate);
  expect([await passwords.hash('a', null), await passwords.verify('a', null, null)]).toEqual([
    'hash',
    'match',
  ]);
  const held = openEnd();
  const running = gate.run(null, held.work);
  expect(await codeOf(passwords.hash('a', null))).toBe('overloaded');
  expect(await codeOf(passwords.verify('a', null, null))).toBe('overloaded');
  held.end();
  await running;
});

test('openGate runs all work at once', async () => {
  const works = Array.from({ length: 200 }, openEnd);
  const runs = works.map(({ work }) => openGate.run(null, work));
  expect(works.every(({ hasBegun }) => hasBegun())).toBe(true);
  expect(openGate.isFull(null)).toBe(false);
  for (const { end } of works) end();
  await Promise.all(runs);
});
