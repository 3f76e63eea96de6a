// `npm run test:current`: the conformance suite on the newest Node 24 and the newest workerd.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CurrentTools, installCurrentTools } from './current-tools.ts';
import { showElapsed } from './elapsed.ts';
import { endWithParent } from './parent.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
const CACHE = join(ROOT, '.cache/current');

/** The targets that the newest tools run. `npm test` already runs the newest Bun and Deno. */
const SUITES = ['node', 'workerd-d1', 'workerd-libsql'].map(
  (name) => `test/conformance/${name}.test.ts`,
);

/** Runs a script with the current Node and wrangler. Resolves with the exit code. */
function run({ node, wrangler, compatibilityDate }: CurrentTools, args: readonly string[]) {
  const child = spawn(node, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      LATCHKEY_WRANGLER: wrangler,
      LATCHKEY_COMPATIBILITY_DATE: compatibilityDate,
    },
  });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      for (const signal of SIGNALS) process.off(signal, forward);
      resolve(code ?? 1);
    });
  });
}

async function main(): Promise<number> {
  const tools = await installCurrentTools(CACHE);
  const { node, wrangler, workerd } = tools.versions;
  const names = `Node ${node}, wrangler ${wrangler}, workerd ${workerd}, compatibility_date ${tools.compatibilityDate}`;
  console.log(`\n— ${names}`);
  const built = await run(tools, ['scripts/build.mjs']);
  if (built !== 0) return built;
  const stopClock = showElapsed('conformance');
  // vitest itself runs on that Node binary, and so does everything that the tests start by `process.execPath`.
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'runtimes'];
  const status = await run(tools, [...vitest, ...SUITES, ...process.argv.slice(2)]);
  stopClock();
  console.log(`${status === 0 ? 'Passed' : 'Failed'} on ${names}`);
  return status;
}

endWithParent();
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
