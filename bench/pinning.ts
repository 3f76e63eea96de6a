import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

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
  const canPin =
    isWanted &&
    availableParallelism() >= 2 &&
    spawnSync('taskset', ['-c', '0,1', 'true'], { stdio: 'ignore' }).status === 0;
  return canPin ? { server: 0, generator: 1 } : { server: undefined, generator: undefined };
}

/** A command, on that core. */
export const onCore = (
  core: number | undefined,
  command: readonly [string, ...string[]],
): readonly [string, ...string[]] =>
  core === undefined ? command : ['taskset', '-c', String(core), ...command];
