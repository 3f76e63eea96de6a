import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { nodeVersion } from '../machine.ts';
import { ROOT } from '../root.ts';
import { type Server, startServer } from './process.ts';

const FOLDER = join(ROOT, 'bench/peers/better-auth');
/** A file that contains the installed versions. It is written after a complete installation. */
const MARK = join(FOLDER, 'node_modules/.installed');
/** Runs only the install script of the driver, which downloads or compiles its binary. */
const STEPS = [
  ['ci', '--ignore-scripts'],
  ['rebuild', 'better-sqlite3', '--ignore-scripts=false'],
];
const OUTPUT_SHOWN = 600;

/** Identifies the required versions, and the Node version that the driver is built for. */
function requiredVersions(node: string): string {
  const lock = readFileSync(join(FOLDER, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} v${nodeVersion(node)} ${process.arch}`;
}

/**
 * Installs Better Auth unless the required versions are installed. Returns the reason if that fails.
 *
 * @param node the path of the Node binary for which the driver is built
 */
export function installBetterAuth(node: string): string | undefined {
  if (existsSync(MARK) && readFileSync(MARK, 'utf8') === requiredVersions(node)) return undefined;
  for (const step of STEPS) {
    const { status, stdout, stderr, error } = spawnSync('npm', step, {
      cwd: FOLDER,
      encoding: 'utf8',
      // npm, and the scripts it runs, use the first `node` on the `PATH`.
      env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
    });
    if (status === 0) continue;
    const output = `${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.slice(-OUTPUT_SHOWN);
    return `npm ${step.join(' ')} in bench/peers/better-auth failed: ${output}`;
  }
  writeFileSync(MARK, requiredVersions(node));
  return undefined;
}

/**
 * @param node the path of the Node binary that runs it
 * @param hasCookieCache whether a signed cookie may replace the session look-up for five minutes
 */
export const startBetterAuth = (
  node: string,
  folder: string,
  hasCookieCache: boolean,
  core: number | undefined,
): Promise<Server> =>
  startServer({
    label: `better-auth${hasCookieCache ? '-cached' : ''}`,
    command: [node, join(FOLDER, 'server.mjs')],
    folder,
    env: {
      NODE_ENV: 'production',
      BETTER_AUTH_SECRET: randomBytes(32).toString('base64'),
      DATABASE_PATH: join(folder, `better-auth-${hasCookieCache}.db`),
      COOKIE_CACHE: hasCookieCache ? 'on' : 'off',
    },
    ready: /Better Auth on port (\d+)/,
    core,
  });
