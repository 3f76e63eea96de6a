import { expect, test } from 'vitest';
import { createQueue } from '../../src/client/exclusive.ts';

const never = () => new Promise<never>(() => {});

test('tasks of a queue run one at a time, in their order, whatever becomes of them', async () => {
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

test('a task that never ends holds up the next for seconds only, and the one after it not at all', async () => {
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
