// `npm run container:try`: builds and runs the Dockerfile without a container engine.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { showElapsed } from '../elapsed.ts';
import { buildStages } from './build-stages.ts';
import { type Check, Checks, checkContainer, checkContents } from './checks.ts';
import { megabytes, readContents } from './contents.ts';
import { readContext } from './context.ts';
import { parseDockerfile } from './dockerfile.ts';
import { createVolume } from './run-stage.ts';
import { whyNoSandbox } from './sandbox.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NPM_CACHE = '/volumes/npm';
/** Packages come from the network, or from the cache of npm. */
const PASSED_ON = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'http_proxy', 'https_proxy', 'no_proxy'];
const NOT_TRIED = [
  'the base image: its place is taken by this machine’s /usr, /etc and Node',
  'the engine itself: layers, networks, port mappings, seccomp and cgroups',
  'compose files: test/container/files.test.ts reads them',
];

const npmConfig = (name: string): string =>
  spawnSync('npm', ['config', 'get', name], { cwd: ROOT, encoding: 'utf8' }).stdout.trim();

function environment(): Record<string, string> {
  const given = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(given),
    npm_config_registry: npmConfig('registry'),
    npm_config_cache: NPM_CACHE,
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
}

/** Prints a check as soon as it is done. */
function print({ title, problem }: Check): void {
  console.log(`${problem === undefined ? 'yes' : 'NO '}  ${title}`);
  if (problem !== undefined) console.log(problem.replaceAll(/^/gm, '       '));
}

async function tryContainer(folder: string): Promise<number> {
  const stages = parseDockerfile(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));
  const stage = stages.at(-1);
  if (stage === undefined) throw new Error('The Dockerfile has no stage');
  const context = readContext(ROOT);
  console.log(`The build context: ${context.files.length} files`);
  const cache = npmConfig('cache');
  mkdirSync(cache, { recursive: true });
  const stopClock = showElapsed('build');
  const roots = await buildStages(stages, {
    context,
    folder,
    env: environment(),
    volumes: existsSync(cache) ? { [NPM_CACHE]: cache } : {},
    report: (step) => console.log(`— ${step}`),
  }).finally(stopClock);
  const root = roots.get(stage.name) ?? '';
  const { files, bytes, parts } = readContents(root);
  console.log(`\nBeside Node: ${megabytes(bytes)} in ${files.length} files`);
  for (const [part, size] of parts) console.log(`${megabytes(size).padStart(9)}  /${part}`);

  console.log(
    `\nOn Node ${process.versions.node}, as ${stage.user}, on a read-only root file system:`,
  );
  const image = { stage, root, volume: join(folder, 'volume') };
  createVolume(root, image.volume);
  const checks = new Checks(print);
  await checkContents(checks, image);
  await checkContainer(checks, image);
  const failed = checks.done.filter(({ problem }) => problem !== undefined);
  console.log(`\nNot tried:\n${NOT_TRIED.map((line) => `- ${line}`).join('\n')}`);
  console.log(`\n${checks.done.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

const reason = whyNoSandbox();
if (reason !== undefined) {
  console.error(`npm run container:try ${reason}.`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'latchkey-container-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.exitCode = await tryContainer(folder);
