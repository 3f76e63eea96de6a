import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { bunPath, denoPath } from '../scripts/binaries.ts';
import { ROOT } from './root.ts';

/** What the figures are of. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly bun: string;
  readonly deno: string;
  /** How busy it was with other things before, as the system says for the last minute. */
  readonly load: number;
  /** With `-dirty` where there are changes that are in no commit. */
  readonly commit: string;
}

const UNKNOWN = 'unknown';

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? UNKNOWN,
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()}`,
  node: process.versions.node,
  bun: firstLine(bunPath(), '--version'),
  deno: firstLine(denoPath(), '--version').replace(/^deno (\S+).*/, '$1'),
  load: loadavg()[0] ?? 0,
  commit: describeCommit(),
});

/** The commit that is checked out. */
export const describeCommit = (): string =>
  firstLine('git', 'describe', '--always', '--dirty', '--abbrev=12');

function firstLine(command: string, ...args: readonly string[]): string {
  const { status, stdout } = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? (stdout.split('\n')[0]?.trim() ?? UNKNOWN) : UNKNOWN;
}
