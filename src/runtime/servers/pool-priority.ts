import { pbkdf2 } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { promisify } from 'node:util';

/** The threads of this process, if the system lists them: on Linux each has its own priority. */
const TASKS = '/proc/self/task';
/** Work of some fifty milliseconds. */
const SAMPLE_ITERATIONS = 300_000;
/** Of a hundredth of a second each. */
const MIN_TICKS = 2;

/**
 * Lets the threads of libuv's pool stand back behind the event loop. A password takes a core for half a
 * second: with as many of them at work as there are cores, the loop has to wait for a core again and again,
 * and every request with it. Does nothing but on Linux.
 *
 * @param threads how many the pool has
 * @returns how many were found
 */
export async function lowerPoolPriority(threads: number): Promise<number> {
  if (!existsSync(TASKS)) return 0;
  const before = ticksByTask();
  // Nothing names the threads of the pool. They are those that work when it has work for each.
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

/** How much processor time each thread has had, in ticks. */
function ticksByTask(): Map<number, number> {
  return new Map(
    readdirSync(TASKS).flatMap((task) => {
      const stat = readStat(task);
      // Its name, in parentheses, may hold anything; the times are the 14th and 15th field.
      const [user, system] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13);
      return user === undefined ? [] : [[Number(task), Number(user) + Number(system)] as const];
    }),
  );
}

/** Empty for a thread that has ended meanwhile. */
function readStat(task: string): string {
  try {
    return readFileSync(`${TASKS}/${task}/stat`, 'utf8');
  } catch {
    return '';
  }
}
