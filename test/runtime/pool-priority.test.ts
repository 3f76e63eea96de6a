import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { poolThreads } from '../../src/runtime/servers/node-listen.ts';
import { lowerPoolPriority } from '../../src/runtime/servers/pool-priority.ts';
import { emptyFolder, startServer } from '../support/server.ts';

const POOL_THREADS = 3;
const isLinux = existsSync('/proc/self/task');

/** Returns the nice value of each thread of a process, by thread id. */
function niceValues(pid: number): Map<number, number> {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return new Map(
    tasks.map((task) => {
      const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8');
      return [Number(task), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])];
    }),
  );
}

if (isLinux) {
  test('only the threads of Node’s pool run at a lower priority than the event loop’s thread', async () => {
    const settings = { UV_THREADPOOL_SIZE: String(POOL_THREADS) };
    const server = await startServer('node', emptyFolder(), settings);
    const lowered = () => {
      const values = niceValues(server.pid);
      const loop = values.get(server.pid) ?? Number.NaN;
      return [...values.values()].filter((nice) => nice > loop).length;
    };
    await expect.poll(lowered, { timeout: 30_000 }).toBe(POOL_THREADS);
    expect(server.output()).not.toContain('after_start_failed');
  });
} else {
  test('does nothing on systems where threads have no priority of their own', async () => {
    expect(await lowerPoolPriority(POOL_THREADS)).toBe(0);
  });
}

test.each([
  [undefined, 4],
  ['8', 8],
  ['0', 1],
  ['-3', 1024],
  ['many', 1],
  ['5000', 1024],
])('UV_THREADPOOL_SIZE=%s means a pool of %i threads', (size, threads) => {
  expect(poolThreads(size)).toBe(threads);
});
