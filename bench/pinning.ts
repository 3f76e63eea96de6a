import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** On which core a process runs; `undefined` leaves that to the system. */
export interface Pinning {
  readonly server: number | undefined;
  readonly generator: number | undefined;
}

/**
 * A core for the server and another one for the load generator, so that neither takes time from the other
 * and each contender has the same: one. Where there is no `taskset` (Linux has it) or only one core, or
 * where nobody wants it, the system places them.
 */
export function choosePinning(isWanted: boolean): Pinning {
  const [server, generator] = isWanted ? allowedCores() : [];
  const canPin =
    server !== undefined &&
    generator !== undefined &&
    spawnSync('taskset', ['-c', String(generator), 'true'], { stdio: 'ignore' }).status === 0;
  return canPin ? { server, generator } : { server: undefined, generator: undefined };
}

/** What this process may run on: of each physical core one processor. */
function allowedCores(): number[] {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const seen = new Set<string>();
    return readRanges(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '').filter((cpu) => {
      const siblings = siblingsOf(cpu);
      return !seen.has(siblings) && seen.add(siblings);
    });
  } catch {
    return [];
  }
}

/** The processors of the same core, where the system tells. */
function siblingsOf(cpu: number): string {
  try {
    const topology = `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;
    return readFileSync(topology, 'utf8').trim();
  } catch {
    return String(cpu);
  }
}

/** `0-2,5` is 0, 1, 2 and 5. */
export function readRanges(text: string): number[] {
  return text
    .split(',')
    .filter((range) => /^\d+(?:-\d+)?$/.test(range))
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

/** A command, on that core. */
export const onCore = (
  core: number | undefined,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] =>
  core === undefined ? command : ['taskset', '-c', String(core), ...command];
