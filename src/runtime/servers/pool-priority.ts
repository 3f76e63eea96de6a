import { pbkdf2 } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { promisify } from 'node:util';

/** Lists the threads of this process. Linux only, where each thread has its own priority. */
const TASKS = '/proc/self/task';
/** A hash with this many iterations takes about 50 ms. */
const SAMPLE_ITERATIONS = 300_000;
/** The processor time that marks a thread as busy, in ticks of 10 ms. */
const MIN_TICKS = 2;

/**
 * Lowers the priority of libuv's pool threads below that of the event loop's thread. A password hash occupies a core
 * for half a second. With a hash on every core, the event loop, and with it every request, would keep waiting for a
 * core. Does nothing on systems other than Linux.
 *
 * @param threads the size of the pool
 * @returns the number of pool threads found
 */
export async function lowerPoolPriority(threads: number): Promise<number> {
  if (!existsSync(TASKS)) return 0;
  const before = ticksByTask();
  // Pool threads have no distinct name. They are recognized as the threads that use processor time while the whole pool
  // is busy.
  const work = () => promisify(pbkdf2)('', '', SAMPLE_ITERATIONS, 32, 'sha256');
  await Promise.all(Array.from({ length: threads }, work));
  const workers = [...ticksByTask()].filter(
    ([task, ticks]) => task !== process.pid && ticks - (before.get(task) ?? 0) >= MIN_TICKS,
  );
  const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
  const lower = Math.min(PRIORITY_LOW, getPriority() + PRIORITY_BELOW_NORMAL);
  for (const [task] of workers) setPriority(task, lower);
  return workers.length;
}

/** Returns the processor time that each thread has used, in ticks. */
function ticksByTask(): Map<number, number> {
  return new Map(
    readdirSync(TASKS).flatMap((task) => {
      const stat = readStat(task);
      // The name of a thread, in parentheses, may contain any character. `utime` and `stime` are the 14th and the 15th
      // field.
      const [user, system] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13);
      return user === undefined ? [] : [[Number(task), Number(user) + Number(system)] as const];
    }),
  );
}

/** Returns an empty string if the thread has ended. */
function readStat(task: string): string {
  try {
    return readFileSync(`${TASKS}/${task}/stat`, 'utf8');
  } catch {
    return '';
  }
}
