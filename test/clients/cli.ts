// `npm run test:clients`: generates clients from openapi.json, compiles a program against each, and runs it.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { z } from 'zod';
import { installNode } from '../../scripts/current-tools.ts';
import { showElapsed } from '../../scripts/elapsed.ts';
import { installPackages } from '../../scripts/npm.ts';
import { endWithParent } from '../../scripts/parent.mjs';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { bareEnvironment, startProcess } from '../support/process.ts';
import { programPath, run } from '../support/program.ts';
import { ROOT } from '../support/targets.ts';

const HERE = join(ROOT, 'test/clients');
const CACHE = join(ROOT, '.cache/clients');
const STEP_LIMIT_MS = 300_000;
const READY = /(http:\/\/127\.0\.0\.1:\d+)\/docs/;

/** The oldest Node that the generators support. The project itself supports 20.19. */
const GENERATOR_NODE = { major: 22, minor: 18 } as const;

const own = (path: string): string => join(CACHE, 'node_modules', path);
const root = (path: string): string => join(ROOT, 'node_modules', path);

/** The command line of each generator. It runs with Node in the folder of the generator's program. */
const GENERATORS = {
  'openapi-typescript': [
    root('openapi-typescript/bin/cli.js'),
    '../openapi.json',
    ...['-o', 'generated/schema.ts'],
  ],
  'hey-api': [
    own('@hey-api/openapi-ts/bin/run.js'),
    ...['-i', '../openapi.json', '-o', 'generated', '--no-log-file'],
  ],
  orval: [own('orval/dist/bin/orval.mjs'), '--config', 'orval.config.mjs'],
  kubb: [own('@kubb/cli/bin/kubb.cjs'), 'generate', '--config', 'kubb.config.mjs'],
} as const;

/** The linters. Each fails on warnings too. */
const LINTERS = {
  'spectral:oas': [
    own('@stoplight/spectral-cli/dist/index.js'),
    ...['lint', 'openapi.json', '--ruleset', 'spectral.yaml', '--fail-severity', 'hint'],
  ],
  'redocly recommended-strict': [
    root('@redocly/cli/bin/cli.js'),
    ...['lint', 'openapi.json', '--extends', 'recommended-strict', '--max-problems', '20'],
  ],
} as const;

const REDOCLY_QUIET = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' } as const;
const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()) });
const counts = { passed: 0, failed: 0 };

/** Runs one check and counts it. */
async function check(name: string, action: () => Promise<void>): Promise<boolean> {
  const startMs = performance.now();
  const stopClock = showElapsed(name);
  let reason = '';
  try {
    await action();
    counts.passed++;
  } catch (error) {
    counts.failed++;
    reason = `\n${error instanceof Error ? error.message : error}`;
  } finally {
    stopClock();
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`${reason === '' ? 'passed' : 'failed'}: ${name} (${seconds} s)${reason}`);
  return reason === '';
}

/** Runs a script with Node. Returns its standard output. Throws an Error with all output if it fails. */
async function runScript(
  node: string,
  script: readonly string[],
  folder: string,
  settings: Record<string, string> = {},
): Promise<string> {
  const { status, stdout, stderr } = await run([node, ...script], folder, settings, STEP_LIMIT_MS);
  if (status !== 0) throw new Error(`${stdout}${stderr}exit code ${status}`);
  return stdout;
}

async function installTools(): Promise<string> {
  const { dependencies } = manifestSchema.parse(
    JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8')),
  );
  await installPackages(CACHE, dependencies, '60 MB');
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNewEnough =
    major > GENERATOR_NODE.major ||
    (major === GENERATOR_NODE.major && minor >= GENERATOR_NODE.minor);
  return isNewEnough ? process.execPath : installNode(join(ROOT, '.cache/node'));
}

/** Copies the programs and the document next to the packages that they import. */
function copyPrograms(): void {
  for (const name of Object.keys(GENERATORS)) {
    rmSync(join(CACHE, name), { recursive: true, force: true });
    cpSync(join(HERE, name), join(CACHE, name), { recursive: true });
  }
  for (const name of ['spectral.yaml', 'tsconfig.json'])
    cpSync(join(HERE, name), join(CACHE, name));
  cpSync(join(ROOT, 'openapi.json'), join(CACHE, 'openapi.json'));
}

/** Starts the built server in an empty folder, with its demo user. */
async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-clients-'));
  const server = await startProcess({
    label: 'latchkey serve',
    command: process.execPath,
    args: [programPath('latchkey'), 'serve'],
    cwd: folder,
    env: { ...bareEnvironment(), PORT: '0', PASSWORD_ROUNDS: '1', SEED_DEMO_USER: 'true' },
    ready: READY,
  });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  // The server is in a process group of its own, which Ctrl-C does not reach.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().finally(() => process.exit(1)));
  }
  return { url: server.match[1] ?? '', stop };
}

/** Compiles the program of a generator, bundles it, and runs it. */
async function compileAndRun(name: string, url: string): Promise<void> {
  const folder = join(CACHE, name);
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ extends: '../tsconfig.json', include: ['**/*.ts'] }));
  await runScript(process.execPath, [root('typescript/bin/tsc'), '-p', config], folder);
  await build({
    absWorkingDir: folder,
    entryPoints: ['program.ts'],
    outfile: join(folder, 'program.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  });
  const output = await runScript(process.execPath, ['program.mjs'], folder, {
    LATCHKEY_URL: url,
    LATCHKEY_USER: DEMO_USER.email.entered,
    LATCHKEY_PASSWORD: DEMO_USER.password,
  });
  if (output.trim() !== DEMO_USER.email.normalized) throw new Error(`printed ${output}`);
}

async function main(): Promise<void> {
  const node = await installTools();
  copyPrograms();
  for (const [name, script] of Object.entries(LINTERS)) {
    await check(`${name}: no error, no warning`, async () => {
      await runScript(node, script, CACHE, REDOCLY_QUIET);
    });
  }
  await runScript(process.execPath, ['scripts/build.mjs'], ROOT);
  const server = await startServer();
  try {
    for (const [name, script] of Object.entries(GENERATORS)) {
      await check(`${name}: generates, compiles, logs in, reads the profile`, async () => {
        await runScript(node, script, join(CACHE, name));
        await compileAndRun(name, server.url);
      });
    }
  } finally {
    await server.stop();
  }
}

endWithParent();
try {
  await main();
} catch (error) {
  counts.failed++;
  console.error(error instanceof Error ? error.message : error);
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exit(counts.failed === 0 ? 0 : 1);
