// Installs npm packages that only some commands need, in separate folders.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { showElapsed } from './elapsed.ts';

const OUTPUT_SHOWN = 2000;
/** By default, npm waits ten seconds before its first retry. */
const FEW_RETRIES = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000'];

/**
 * Asks the registry for a field of a package.
 *
 * @throws Error that names the registry if it cannot be reached, otherwise with npm's output
 */
export function lookUp(name: string, field: string): readonly string[] {
  const { error, status, stdout, stderr } = spawnSync(
    'npm',
    ['view', name, field, '--json', '--loglevel=error', ...FEW_RETRIES],
    { encoding: 'utf8' },
  );
  if (error || status !== 0) throw npmError(`npm view ${name}`, error?.message ?? stderr);
  const found: unknown = JSON.parse(stdout);
  return [found].flat().map(String);
}

/**
 * Installs packages without their install scripts into a separate folder, unless they are installed. Reports on the
 * console.
 *
 * @param wanted the exact version of each package
 * @param size the size of the download, for the report
 * @throws Error that names the registry if it cannot be reached, otherwise with npm's output
 */
export async function installPackages(
  folder: string,
  wanted: Readonly<Record<string, string>>,
  size: string,
): Promise<void> {
  const list = Object.entries(wanted).map(([name, version]) => `${name}@${version}`);
  if (
    Object.entries(wanted).every(([name, version]) => installedVersion(folder, name) === version)
  ) {
    console.log(`In ${folder}: ${list.join(', ')}`);
    return;
  }
  console.log(`Installing ${list.join(', ')} into ${folder}: ${size} to download …`);
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

/** npm's error codes for a registry that cannot be reached. */
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
    `No network: the npm registry ${stdout.trim()} cannot be reached (${code}). The packages come from there.`,
  );
}

/** The version of a package in a folder, or undefined. */
export function installedVersion(folder: string, name: string): string | undefined {
  const path = join(folder, 'node_modules', name, 'package.json');
  if (!existsSync(path)) return undefined;
  const { version }: { version?: unknown } = JSON.parse(readFileSync(path, 'utf8'));
  return String(version);
}
