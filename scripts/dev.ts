// Serves from source and restarts on changes: `node --import tsx scripts/dev.ts node | bun | deno | worker`.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isLoopback } from '../src/core/loopback.ts';
import { bunPath, denoPath, tsxPath, wranglerPath } from './binaries.ts';
import { copyDocs } from './docs-assets.mjs';
import { endWithParent } from './parent.mjs';

const STOP_LIMIT_MS = 1000;
const ownArguments = process.argv.slice(3);
const wranglerEnv = { ...process.env, WRANGLER_SEND_METRICS: 'false' };

const starters = {
  node: () => run(process.execPath, [tsxPath(), 'watch', 'src/runtime/node.ts']),
  bun: () => run(bunPath(), ['--watch', 'src/runtime/bun.ts']),
  deno: () => run(denoPath(), ['run', '--watch', '-A', 'src/runtime/deno.ts']),
  worker: () => {
    createDevVars();
    const migrate = ['d1', 'migrations', 'apply', 'DB', '--local'];
    const { status } = spawnSync(process.execPath, [wranglerPath(), ...migrate], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: wranglerEnv,
    });
    if (status !== 0) process.exit(status ?? 1);
    const host = process.env.HOST || '127.0.0.1';
    const port = process.env.PORT || '8000';
    const listen = ['--ip', host, '--port', port];
    return run(process.execPath, [wranglerPath(), 'dev', ...listen, ...withoutDemoUser(host)]);
  },
};

/** Writes the settings of the local Worker, with a new secret: a Worker cannot store a generated secret itself. */
function createDevVars(): void {
  if (existsSync('.dev.vars')) return;
  const secret = randomBytes(48).toString('base64url');
  writeFileSync('.dev.vars', `APP_ENV=development\nSECRET_KEY=${secret}\n`, { mode: 0o600 });
}

/**
 * Arguments that disable the demo user if the network can reach the server, unless the user has set it explicitly.
 * The Worker cannot decide this itself, since it does not know on which address it listens.
 */
function withoutDemoUser(host: string): readonly string[] {
  const isExplicit =
    process.env.APP_ENV || /^SEED_DEMO_USER=/m.test(readFileSync('.dev.vars', 'utf8'));
  if (isExplicit || isLoopback(host)) return [];
  console.log(
    `No demo user: the network can reach ${host}. For the demo user, set SEED_DEMO_USER=true in .dev.vars.`,
  );
  return ['--var', 'SEED_DEMO_USER:false'];
}

function run(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: 'inherit', env: wranglerEnv });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      child.kill(signal);
      // A watcher keeps running after its server has exited.
      setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    });
  }
  child.on('exit', (code) => process.exit(code ?? 1));
  return child;
}

const isStarter = (name: string | undefined): name is keyof typeof starters =>
  name !== undefined && Object.hasOwn(starters, name);

endWithParent();
const name = process.argv[2];
if (!isStarter(name) || ownArguments.length > 0) {
  console.error(
    `Usage: npm run dev, ${Object.keys(starters)
      .slice(1)
      .map((other) => `dev:${other}`)
      .join(', ')}. The settings are listed by: npm start -- --help`,
  );
  process.exit(2);
}
await copyDocs();
starters[name]();
