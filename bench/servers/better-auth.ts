import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.ts';
import { type Server, startServer } from './process.ts';

const FOLDER = join(ROOT, 'bench/peers/better-auth');
/** Says what is installed: written when all of it is. */
const MARK = join(FOLDER, 'node_modules/.installed');
/** npm runs no script of a package unless it is told to; the driver is compiled or fetched by its own. */
const STEPS = [
  ['ci', '--ignore-scripts'],
  ['rebuild', 'better-sqlite3', '--ignore-scripts=false'],
];
const OUTPUT_SHOWN = 600;

/** The versions that are wanted, and the Node that their driver is made for. */
function wanted(): string {
  const lock = readFileSync(join(FOLDER, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.version} ${process.arch}`;
}

/** Installs Better Auth where it is not, or not as wanted. Returns why that cannot be done, or nothing. */
export function installBetterAuth(): string | undefined {
  if (existsSync(MARK) && readFileSync(MARK, 'utf8') === wanted()) return undefined;
  for (const step of STEPS) {
    const { status, stdout, stderr, error } = spawnSync('npm', step, {
      cwd: FOLDER,
      encoding: 'utf8',
    });
    if (status === 0) continue;
    const output = `${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.slice(-OUTPUT_SHOWN);
    return `npm ${step.join(' ')} in bench/peers/better-auth failed: ${output}`;
  }
  writeFileSync(MARK, wanted());
  return undefined;
}

/** @param hasCookieCache whether a signed cookie may stand for the session for five minutes */
export const startBetterAuth = (
  folder: string,
  hasCookieCache: boolean,
  core: number | undefined,
): Promise<Server> =>
  startServer({
    label: `better-auth${hasCookieCache ? '-cached' : ''}`,
    command: [process.execPath, join(FOLDER, 'server.mjs')],
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
