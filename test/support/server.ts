import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { bunPath, denoPath } from '../../scripts/binaries.ts';
import { nodeArguments } from './bundles.ts';
import { bareEnvironment, type RunningProcess, startProcess } from './process.ts';
import { ROOT, type TargetName } from './targets.ts';
import { NO_LIMITS } from './test-app.ts';

const BRISK = join(ROOT, 'test/support/brisk-housekeeping');

/** The runtimes that run as child processes, each with its command line. */
export const SERVERS = {
  node: () => [process.execPath, join(ROOT, 'dist/runtime/node.js')],
  bun: () => [bunPath(), join(ROOT, 'src/runtime/bun.ts')],
  deno: () => [denoPath(), 'run', '-A', join(ROOT, 'src/runtime/deno.ts')],
} as const satisfies Record<string, () => readonly string[]>;

/** The same servers, with timeouts of a few seconds for slow clients. */
export const SHORT_LIMITS: typeof SERVERS = {
  node: () => [process.execPath, ...nodeArguments('test/support/short-limits/node.ts')],
  bun: () => [bunPath(), join(ROOT, 'test/support/short-limits/bun.ts')],
  deno: () => [denoPath(), 'run', '-A', join(ROOT, 'test/support/short-limits/deno.ts')],
};

/** The same servers, with housekeeping every 100 milliseconds. */
export const BRISK_SERVERS = {
  node: () => [process.execPath, ...nodeArguments('test/support/brisk-housekeeping/node.ts')],
  bun: () => [bunPath(), join(BRISK, 'bun.ts')],
  deno: () => [denoPath(), 'run', '-A', join(BRISK, 'deno.ts')],
} as const;

/** The same servers, with additional routes whose work outlives their responses. */
export const LATE_WORK_SERVERS: typeof BRISK_SERVERS = {
  node: () => [process.execPath, ...nodeArguments('test/support/late-work/node.ts')],
  bun: () => [bunPath(), join(ROOT, 'test/support/late-work/bun.ts')],
  deno: () => [denoPath(), 'run', '-A', join(ROOT, 'test/support/late-work/deno.ts')],
};

/** The same servers, with a route that queues messages and a sweep each 300 milliseconds. */
export const QUEUEING_SERVERS: typeof BRISK_SERVERS = {
  node: () => [process.execPath, ...nodeArguments('test/support/queueing/node.ts')],
  bun: () => [bunPath(), join(ROOT, 'test/support/queueing/bun.ts')],
  deno: () => [denoPath(), 'run', '-A', join(ROOT, 'test/support/queueing/deno.ts')],
};

export type ServerName = keyof typeof SERVERS;

/** True in `npm run test:long`. */
const IS_LONG = process.env.LATCHKEY_TEST_LONG !== undefined;

/**
 * The servers of tests that take long and concern the code that all runtimes share: Node, and in `npm run test:long` Bun
 * and Deno.
 */
export const LONG_TESTED: readonly ServerName[] = IS_LONG ? ['bun', 'deno'] : ['node'];

/** The targets of tests of pages that take long: Node, and in `npm run test:long` workerd with D1. */
export const LONG_TESTED_PAGES: readonly TargetName[] = IS_LONG ? ['workerd-d1'] : ['node'];

export const LISTENING = /(http:\/\/(?:127\.0\.0\.1|localhost):\d+)\/docs/;

/** Creates an empty folder and deletes it when the test ends. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Starts a server in a folder, on a free port, without the machine's own settings. Stops it when the test ends. */
export async function startServer(
  name: ServerName,
  folder: string,
  settings: Record<string, string> = {},
  servers: Readonly<Record<ServerName, () => readonly string[]>> = SERVERS,
): Promise<RunningProcess & { readonly baseUrl: string }> {
  const [command = '', ...args] = servers[name]();
  if (!existsSync(command)) throw new Error(`${name} is not there: ${command}`);
  const env = { ...bareEnvironment(), PORT: '0', PASSWORD_ROUNDS: '1', ...NO_LIMITS, ...settings };
  const server = await startProcess({
    label: name,
    command,
    args,
    cwd: folder,
    env,
    ready: LISTENING,
  });
  onTestFinished(async () => {
    await server.stop();
  });
  return { ...server, baseUrl: server.match[1] ?? '' };
}
