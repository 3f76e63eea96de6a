import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { bunPath, denoPath } from '../../scripts/binaries.ts';
import { ROOT } from '../root.ts';
import { type Server, startServer } from './process.ts';

export type Runtime = 'node' | 'bun' | 'deno';

/** As README.md says to start it in production: the build on Node, the source where it runs as it is. */
const COMMANDS: Record<Runtime, () => readonly [string, ...string[]]> = {
  node: () => [process.execPath, join(ROOT, 'dist/runtime/node.js')],
  bun: () => [bunPath(), join(ROOT, 'src/runtime/bun.ts')],
  deno: () => [denoPath(), 'run', '-A', join(ROOT, 'src/runtime/deno.ts')],
};

/** Signs the tokens of a whole run: some are made by the bench itself. */
export const SECRET_KEY = randomBytes(48).toString('base64');

/** So many that nobody is turned away: here one address asks all the time. */
const WIDE = '9999999/60s';

/** Production, with all its defaults but one: the limits count as ever, but are never used up. */
const SETTINGS = {
  APP_ENV: 'production',
  SECRET_KEY,
  PORT: '0',
  RATE_LIMIT_LOGIN: WIDE,
  RATE_LIMIT_LOGIN_ADDRESS: WIDE,
  RATE_LIMIT_SIGNUP: WIDE,
  RATE_LIMIT_REFRESH: WIDE,
  RATE_LIMIT_DEFAULT: WIDE,
} as const;

export interface LatchkeyOptions {
  readonly runtime?: Runtime;
  readonly folder: string;
  /** Made where it is missing. */
  readonly databasePath?: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** The core it runs on; `undefined` for all. */
  readonly core: number | undefined;
  readonly label?: string;
}

/** What is run and how, for who does not want to wait until it listens. */
export function latchkeyCommand({
  runtime = 'node',
  folder,
  databasePath = join(folder, `${runtime}.db`),
  settings = {},
  core,
  label = `latchkey-${runtime}`,
}: LatchkeyOptions) {
  const env = { ...SETTINGS, DATABASE_URL: `file:${databasePath}`, ...settings };
  return { label, command: COMMANDS[runtime](), folder, env, core };
}

export const startLatchkey = (options: LatchkeyOptions): Promise<Server> =>
  startServer({ ...latchkeyCommand(options), ready: /http:\/\/127\.0\.0\.1:(\d+)\/docs/ });
