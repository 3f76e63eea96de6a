import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { bunPath, denoPath, otherCompatibilityDate, wranglerPath } from '../../scripts/binaries.ts';
import { writeWorkerConfig } from '../../scripts/worker-config.ts';
import { BUNDLES, nodeArguments } from './bundles.ts';
import { legacyUserStatements } from './legacy-users.ts';
import { bareEnvironment, type RunningProcess, startProcess } from './process.ts';
import { startSqld } from './sqld.ts';
import { MIGRATIONS, testSettings } from './test-app.ts';
import type { HostedWorker } from './workerd-host.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GUARD = join(ROOT, 'test/support/derive-bits-guard.mjs');

/** The API on one runtime, with its own database, which contains the legacy users. */
export interface Target {
  readonly baseUrl: string;
  /** The output of the server so far. */
  output(): string;
  stop(): Promise<void>;
}

export type TargetName = 'node' | 'bun' | 'deno' | 'workerd-d1' | 'workerd-libsql';

type Settings = Record<string, string>;

/** Includes the demo user, as on a developer's machine. */
const targetSettings: Settings = { ...testSettings, SEED_DEMO_USER: 'true' };

/** The entries for the runtimes, as arguments of their programs. */
interface Entries {
  readonly node: readonly string[];
  readonly bun: string;
  readonly deno: string;
  readonly worker: string;
}

/** The deployed entries: the build for Node, and the source for runtimes that run TypeScript. */
const REAL: Entries = {
  node: [join(ROOT, 'dist/runtime/node.js')],
  bun: join(ROOT, 'src/runtime/bun.ts'),
  deno: join(ROOT, 'src/runtime/deno.ts'),
  worker: 'test/support/guarded-worker.ts',
};

/**
 * The same servers, except that they answer each request at the time that it carries. Node runs another bundle, because a
 * clock cannot be injected into the build. The tests of the real entries cover the build.
 */
const MOVABLE_CLOCK: Entries = {
  node: nodeArguments('test/support/movable-clock/node.ts'),
  bun: join(ROOT, 'test/support/movable-clock/bun.ts'),
  deno: join(ROOT, 'test/support/movable-clock/deno.ts'),
  worker: 'test/support/movable-clock/worker.ts',
};

/** The parameters for starting one target. */
interface Launch {
  readonly folder: string;
  /** Collects the started processes, which are stopped later. */
  readonly processes: RunningProcess[];
  readonly entries: Entries;
  readonly settings: Settings;
}

/**
 * Starts one of the five targets, without sending it a request. `settings` override the default settings.
 *
 * @throws Error that names the target and contains the output of its server
 */
export const startTarget = (name: TargetName, settings: Settings = {}): Promise<Target> =>
  start(name, REAL, { ...targetSettings, ...settings });

/**
 * Starts a Worker with a test entry, over a libSQL server.
 *
 * @param worker the path of the entry, relative to the project
 */
export const startWorker = (worker: string, settings: Settings = {}): Promise<Target> =>
  start('workerd-libsql', { ...REAL, worker }, { ...targetSettings, ...settings });

/** Starts a target whose clock is set by each request, for `TimedApi`. `settings` override the default settings. */
export const startTimedTarget = (name: TargetName, settings: Settings): Promise<Target> =>
  start(name, MOVABLE_CLOCK, { ...targetSettings, ...settings });

async function start(name: TargetName, entries: Entries, settings: Settings): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${name}-`));
  const processes: RunningProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const running of processes.reverse()) await running.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const server = await starters[name]({ folder, processes, entries, settings });
    const { output, match } = server;
    return { baseUrl: match[1] ?? '', output, stop };
  } catch (error) {
    await stop();
    throw new Error(`Target ${name} cannot start`, { cause: error });
  }
}

const starters: Record<TargetName, (launch: Launch) => Promise<RunningProcess>> = {
  node: (launch) => onFile(launch, process.execPath, ['--import', GUARD, ...launch.entries.node]),
  bun: (launch) => onFile(launch, bunPath(), ['--preload', GUARD, launch.entries.bun]),
  deno: (launch) =>
    onFile(launch, denoPath(), ['run', '-A', '--preload', GUARD, launch.entries.deno]),
  'workerd-d1': async (launch) => {
    const migrations = readMigrationFiles({ migrationsFolder: MIGRATIONS });
    const sql = [...migrations.flatMap((each) => each.sql), ...(await legacyUserStatements())];
    return onWorkerd(launch, sql);
  },
  'workerd-libsql': async (launch) => {
    const url = await startSqld(launch.folder, launch.processes);
    await seedLibsql(url);
    return onWorkerd({ ...launch, settings: { ...launch.settings, DATABASE_URL: url } });
  },
};

async function onFile(
  { folder, processes, settings }: Launch,
  command: string,
  args: readonly string[],
): Promise<RunningProcess> {
  const url = `file:${join(folder, 'latchkey.db')}`;
  await seedLibsql(url);
  const server = await startProcess({
    label: command,
    command,
    args,
    cwd: folder,
    env: { ...bareEnvironment(), ...settings, DATABASE_URL: url, PORT: '0' },
    ready: /(http:\/\/127\.0\.0\.1:\d+)\/docs/,
  });
  processes.push(server);
  return server;
}

async function onWorkerd(
  { folder, processes, entries, settings }: Launch,
  sql: readonly string[] = [],
): Promise<RunningProcess> {
  const config = quietConfig(folder);
  const state = join(folder, 'state');
  const script = bundleOf(entries.worker, config);
  const server = await startHost({ script, config, state, settings, sql });
  processes.push(server);
  return server;
}

/** Runs a bundled Worker in workerd. */
export function startHost(worker: HostedWorker): Promise<RunningProcess> {
  const folder = dirname(worker.config);
  const launch = join(folder, 'worker.json');
  writeFileSync(launch, JSON.stringify(worker));
  return startProcess({
    label: 'workerd',
    command: process.execPath,
    args: [...nodeArguments('test/support/workerd-host.ts'), launch],
    cwd: ROOT,
    env: { ...wranglerEnvironment(folder), ...passedOn('LATCHKEY_WRANGLER') },
    ready: /Ready on (http:\/\/127\.0\.0\.1:\d+)/,
  });
}

/** Bundles a Worker as for a deployment, once per run of the tests. Returns the path of the bundle. */
function bundleOf(entry: string, config: string): string {
  const name = basename(entry, '.ts');
  const folder = join(
    process.env[BUNDLES] ?? dirname(config),
    entry.replaceAll(/[^a-z0-9]+/g, '-'),
  );
  const script = join(folder, `${name}.js`);
  if (existsSync(script)) return script;
  // Moved when it is complete: other workers of the test runner may bundle the same entry.
  const own = mkdtempSync(`${folder}-`);
  wrangler(own, ['deploy', entry, '--config', config, '--dry-run', '--outdir', own]);
  try {
    renameSync(own, folder);
    return script;
  } catch {
    return existsSync(script) ? script : join(own, `${name}.js`);
  }
}

const passedOn = (name: string): Record<string, string> => {
  const value = process.env[name];
  return value === undefined ? {} : { [name]: value };
};

/**
 * Writes a copy of wrangler.toml into a new folder. Omits its build command, which would restart the Worker during a
 * test. Returns the path of the copy.
 *
 * @param parent the parent of the new folder
 * @param without more sections to omit
 */
export const quietConfig = (parent: string, ...without: readonly string[]): string =>
  writeWorkerConfig({
    root: ROOT,
    folder: mkdtempSync(join(parent, 'config-')),
    without,
    compatibilityDate: otherCompatibilityDate(),
  });

async function seedLibsql(url: string): Promise<void> {
  const client = createClient({ url });
  try {
    await migrate(drizzle({ client }), { migrationsFolder: MIGRATIONS });
    await client.batch(await legacyUserStatements(), 'write');
  } finally {
    client.close();
  }
}

function wrangler(folder: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [wranglerPath(), ...args], {
    cwd: ROOT,
    env: wranglerEnvironment(folder),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`wrangler ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

export const wranglerEnvironment = (folder: string): Record<string, string> => ({
  ...bareEnvironment(),
  HOME: folder,
  WRANGLER_LOG_PATH: join(folder, 'wrangler-logs'),
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  NO_COLOR: '1',
  CI: 'true',
});
