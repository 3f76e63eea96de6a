import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { behindGate, createWorkGate, openGate } from '../../src/crypto/work-gate.ts';
import { AppError } from '../../src/errors.ts';

const ROOMY = { permits: 2, maxQueue: 100, maxWaitMs: 60_000 };

/** A work that ends when it is told to. */
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

/** Long enough for all that hangs on promises alone. */
const settled = () => delay(0);

const codeOf = async (answer: Promise<unknown>): Promise<unknown> => {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof AppError ? error.code : error;
};

describe('createWorkGate', () => {
  test('runs as many works as it has permits, and the others in the order of asking', async () => {
    const gate = createWorkGate(ROOMY);
    const works = Array.from({ length: 6 }, openEnd);
    const runs = works.map(({ work }) => gate.run(work));
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

  test('gives back what the work gives, and what it throws', async () => {
    const gate = createWorkGate(ROOMY);
    const fault = new Error('of the work');
    expect(await gate.run(async () => 42)).toBe(42);
    expect(await codeOf(gate.run(() => Promise.reject(fault)))).toBe(fault);
  });

  test('a work that fails, even before it returns a promise, frees its place', async () => {
    const gate = createWorkGate({ ...ROOMY, permits: 1 });
    const failing = gate.run(() => Promise.reject(new Error('late')));
    const throwing = gate.run(() => {
      throw new Error('at once');
    });
    const waiting = gate.run(async () => 'served');
    await Promise.allSettled([failing, throwing]);
    expect(await waiting).toBe('served');
    expect(await gate.run(async () => 'served too')).toBe('served too');
  });

  test('refuses what comes when the queue is full, at once and without beginning it', async () => {
    const gate = createWorkGate({ ...ROOMY, permits: 1, maxQueue: 2 });
    const works = Array.from({ length: 3 }, openEnd);
    const runs = works.map(({ work }) => gate.run(work));
    const late = openEnd();
    expect(gate.isFull()).toBe(true);
    expect(await codeOf(gate.run(late.work))).toBe('overloaded');
    expect(late.hasBegun()).toBe(false);
    works[0]?.end();
    await settled();
    expect(gate.isFull()).toBe(false);
    for (const { end } of works) end();
    await Promise.all(runs);
  });

  test('refuses what has waited too long, and never begins it', async () => {
    const gate = createWorkGate({ permits: 1, maxQueue: 10, maxWaitMs: 20 });
    const [held, late] = [openEnd(), openEnd()];
    const running = gate.run(held.work);
    expect(await codeOf(gate.run(late.work))).toBe('overloaded');
    held.end();
    await running;
    await settled();
    expect(late.hasBegun()).toBe(false);
    expect(await gate.run(async () => 'served')).toBe('served');
  });

  test('refuses at once what would wait too long, by what the last works took', async () => {
    let now = 0;
    const gate = createWorkGate({ permits: 1, maxQueue: 10, maxWaitMs: 1000 }, () => now);
    const first = openEnd();
    const running = gate.run(first.work);
    now = 7200; // an eighth of it makes the mean: 900 ms
    first.end();
    await running;
    const works = [openEnd(), openEnd()];
    const runs = works.map(({ work }) => gate.run(work));
    expect(gate.isFull()).toBe(true);
    expect(await codeOf(gate.run(async () => 'never'))).toBe('overloaded');
    for (const { end } of works) end();
    await Promise.all(runs);
    expect(gate.isFull()).toBe(false);
  });

  test('a permit is the work’s own: whoever asked for it may leave, it is not free before the end', async () => {
    const gate = createWorkGate({ ...ROOMY, permits: 1 });
    const [held, next] = [openEnd(), openEnd()];
    const left = Promise.race([gate.run(held.work), Promise.reject(new Error('client gone'))]);
    await expect(left).rejects.toThrow('client gone');
    const run = gate.run(next.work);
    await settled();
    expect(next.hasBegun()).toBe(false);
    held.end();
    next.end();
    await run;
    expect(next.hasBegun()).toBe(true);
  });

  test('whatever comes: never more at once than permits, all settle, and nothing stays taken', async () => {
    const work = fc.record({ turns: fc.nat(4), fails: fc.boolean(), pause: fc.nat(2) });
    const bounds = fc.record({ permits: fc.integer({ min: 1, max: 4 }), maxQueue: fc.nat(6) });
    await fc.assert(
      fc.asyncProperty(bounds, fc.array(work, { maxLength: 30 }), async (options, works) => {
        const gate = createWorkGate({ ...options, maxWaitMs: 60_000 });
        let running = 0;
        let most = 0;
        const runs: Promise<unknown>[] = [];
        for (const { turns, fails, pause } of works) {
          const run = gate.run(async () => {
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
          Math.min(works.length, options.permits + options.maxQueue),
        );
        expect(gate.isFull()).toBe(false);
        const all = Array.from({ length: options.permits }, openEnd);
        const again = all.map((one) => gate.run(one.work));
        expect(all.map((one) => one.hasBegun())).toEqual(all.map(() => true));
        for (const one of all) one.end();
        await Promise.all(again);
      }),
    );
  });
});

test('behindGate lets no hash and no check pass by', async () => {
  const gate = createWorkGate({ permits: 1, maxQueue: 0, maxWaitMs: 1000 });
  const passwords = behindGate({ hash: async () => 'hash', verify: async () => 'match' }, gate);
  expect([await passwords.hash('a'), await passwords.verify('a', null)]).toEqual(['hash', 'match']);
  const held = openEnd();
  const running = gate.run(held.work);
  expect(await codeOf(passwords.hash('a'))).toBe('overloaded');
  expect(await codeOf(passwords.verify('a', null))).toBe('overloaded');
  held.end();
  await running;
});

test('openGate runs whatever comes', async () => {
  const works = Array.from({ length: 200 }, openEnd);
  const runs = works.map(({ work }) => openGate.run(work));
  expect(works.every(({ hasBegun }) => hasBegun())).toBe(true);
  expect(openGate.isFull()).toBe(false);
  for (const { end } of works) end();
  await Promise.all(runs);
});
