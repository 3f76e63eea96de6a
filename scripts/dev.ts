// Serves from source and restarts on changes: `node --import tsx scripts/dev.ts node | bun | deno | worker`.
import { spawn } from 'node:child_process';
import { bunPath, denoPath, tsxPath } from './binaries.ts';
import { announceWorker, freeAddress, prepareWorker } from './dev-worker.ts';
import { endWithParent } from './parent.mjs';
import { writeWorkerFiles } from './worker-files.mjs';

const STOP_LIMIT_MS = 1000;
const WAITING = './scripts/say-waiting.mjs';
const ownArguments = process.argv.slice(3);
const wranglerEnv = { ...process.env, WRANGLER_SEND_METRICS: 'false' };

const starters = {
  node: () =>
    run(process.execPath, [tsxPath(), 'watch', '--import', WAITING, 'src/runtime/node.ts']),
  bun: () => run(bunPath(), ['--watch', 'src/runtime/bun.ts']),
  deno: () =>
    run(denoPath(), ['run', '--watch', '--preload', WAITING, '-A', 'src/runtime/deno.ts']),
  worker: async () => {
    const address = await freeAddress({
      host: process.env.HOST || '127.0.0.1',
      port: process.env.PORT || '8000',
    });
    run(process.execPath, prepareWorker(address, wranglerEnv));
    void announceWorker(address);
  },
};

function run(command: string, args: readonly string[]): void {
  const child = spawn(command, args, { stdio: 'inherit', env: wranglerEnv });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      child.kill(signal);
      // A watcher keeps running after its server has exited.
      setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    });
  }
  child.on('exit', (code) => process.exit(code ?? 1));
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
await writeWorkerFiles();
await starters[name]();
