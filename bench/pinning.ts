import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The cores of the processes; `undefined` leaves the choice to the system. */
export interface Pinning {
  readonly server: number | undefined;
  readonly generator: number | undefined;
}

/**
 * Chooses one core for the server and one for the load generator, so that they do not compete and every contender has
 * exactly one core. Pins nothing if `isWanted` is false, if `taskset` is missing (it exists only on Linux), or if there
 * is only one core.
 */
export function choosePinning(isWanted: boolean): Pinning {
  const [server, generator] = isWanted ? allowedCores() : [];
  const canPin =
    server !== undefined &&
    generator !== undefined &&
    spawnSync('taskset', ['-c', String(generator), 'true'], { stdio: 'ignore' }).status === 0;
  return canPin ? { server, generator } : { server: undefined, generator: undefined };
}

/** The processors that this process may use, one per physical core. */
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

/** Returns the processors of the same core, if the system reports them. */
function siblingsOf(cpu: number): string {
  try {
    const topology = `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;
    return readFileSync(topology, 'utf8').trim();
  } catch {
    return String(cpu);
  }
}

/** Parses a list of ranges: `0-2,5` means 0, 1, 2 and 5. */
export function readRanges(text: string): number[] {
  return text
    .split(',')
    .filter((range) => /^\d+(?:-\d+)?$/.test(range))
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

/** Pins a command to a core, if one is given. */
export const onCore = (
  core: number | undefined,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] =>
  core === undefined ? command : ['taskset', '-c', String(core), ...command];
