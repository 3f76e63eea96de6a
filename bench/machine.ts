import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { bunPath, denoPath } from '../scripts/binaries.ts';
import { ROOT } from './root.ts';

/** The machine and the commit that the figures belong to. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** The version of the Node binary that runs the measured servers. */
  readonly node: string;
  readonly bun: string;
  readonly deno: string;
  /** The load average of the minute before the run. */
  readonly load: number;
  /** Ends with `-dirty` if there are uncommitted changes. */
  readonly commit: string;
}

const UNKNOWN = 'unknown';

/** @param node the path of the Node binary that runs the measured servers */
export const describeMachine = (node: string): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? UNKNOWN,
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  // Omits the suffix that the distributor adds.
  system: `${platform()} ${release().replace(/^(\d+\.\d+).*/, '$1')}`,
  node: nodeVersion(node),
  bun: firstLine(bunPath(), '--version'),
  deno: firstLine(denoPath(), '--version').replace(/^deno (\S+).*/, '$1'),
  load: loadavg()[0] ?? 0,
  commit: describeCommit(),
});

/**
 * The version of a Node binary, without the `v`.
 *
 * @throws Error that names the path if it is not a Node binary
 */
export function nodeVersion(path: string): string {
  const version = /^v(\d+\.\d+\.\d+.*)$/.exec(firstLine(path, '--version'))?.[1];
  if (version === undefined) throw new Error(`--node: there is no Node at ${path}`);
  return version;
}

/** The processor time of the machine since boot, and the part of it that the host gave to other guests (steal time). */
export interface ProcessorTime {
  readonly total: number;
  readonly stolen: number;
}

/** Returns `undefined` on systems other than Linux (proc(5), `stat`). */
export function processorTime(): ProcessorTime | undefined {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    // Adds up user, nice, system, idle, iowait, irq, softirq and steal. The fields after these are already part of user
    // and nice.
    const times = line.split(/\s+/).slice(1, 9).map(Number);
    return { total: times.reduce((sum, time) => sum + time, 0), stolen: times[7] ?? 0 };
  } catch {
    return undefined;
  }
}

/** The checked-out commit. */
export const describeCommit = (): string =>
  firstLine('git', 'describe', '--always', '--dirty', '--abbrev=12');

function firstLine(command: string, ...args: readonly string[]): string {
  const { status, stdout } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? (stdout.split('\n')[0]?.trim() ?? UNKNOWN) : UNKNOWN;
}
