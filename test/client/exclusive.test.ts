import { expect, test } from 'vitest';
import { createQueue, createWebLocks } from '../../src/client/exclusive.ts';
import type { Locks } from '../../src/client/platform.ts';

const never = () => new Promise<never>(() => {});

test('tasks of a queue run one at a time and in order, whether they succeed or fail', async () => {
  const run = createQueue();
  const happened: string[] = [];
  const task = (name: string, end: () => void) => async () => {
    happened.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    happened.push(`${name} ends`);
    end();
  };
  const failure = new Error('of the first');
  const first = run(
    task('first', () => {
      throw failure;
    }),
  );
  const second = run(task('second', () => {}));
  await expect(first).rejects.toBe(failure);
  await second;
  expect(happened).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

test('a task that never ends delays only the next one, and only by seconds', async () => {
  const run = createQueue();
  void run(never);
  const start = performance.now();
  expect(await run(async () => 'second')).toBe('second');
  const waited = performance.now() - start;
  expect(waited).toBeGreaterThan(3900);
  expect(waited).toBeLessThan(8000);
  const then = performance.now();
  expect(await run(async () => 'third')).toBe('third');
  expect(performance.now() - then).toBeLessThan(1000);
});

test('a lock that is never granted and ignores abort delays a task only by seconds', async () => {
  let grant = () => Promise.resolve();
  const deaf: Locks = {
    request: (_name, _options, task) => {
      grant = async () => void (await task());
      return never();
    },
  };
  let runs = 0;
  const start = performance.now();
  const task = async () => {
    runs += 1;
    return 'done';
  };
  expect(await createWebLocks(deaf, 'a')(task)).toBe('done');
  expect(performance.now() - start).toBeGreaterThan(3900);
  expect(performance.now() - start).toBeLessThan(8000);
  await grant();
  expect(runs).toBe(1);
});

test('a task runs once, whether its lock is granted, is refused, or the task fails', async () => {
  const granted: Locks = { request: (_name, _options, task) => task() };
  const refused: Locks = { request: async () => Promise.reject(new Error('an opaque origin')) };
  for (const locks of [granted, refused]) {
    const run = createWebLocks(locks, 'a');
    let runs = 0;
    expect(await run(async () => ++runs)).toBe(1);
    const failure = new Error('of the task');
    const failing = run(async () => {
      runs += 1;
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
    expect(runs).toBe(2);
  }
});
