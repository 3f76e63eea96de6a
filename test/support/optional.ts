import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';

/**
 * Skips a test if a program is not on this machine, or fails with these arguments. The end of the run names the test and
 * what is missing.
 */
export function needs(
  { skip }: Pick<TestContext, 'skip'>,
  what: string,
  program: string,
  ...args: readonly string[]
): void {
  if (spawnSync(program, args, { stdio: 'ignore' }).status !== 0) skip(`no ${what} here`);
}
