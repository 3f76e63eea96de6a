import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { bunPath, denoPath } from '../../scripts/binaries.ts';
import { ROOT } from '../root.ts';
import { type Server, startServer } from './process.ts';

export type Runtime = 'node' | 'bun' | 'deno';

/** The commands for production: Node runs the build; runtimes that run TypeScript run the source. */
const COMMANDS: Record<Runtime, (node: string) => readonly [string, ...string[]]> = {
  node: (node) => [node, join(ROOT, 'dist/runtime/node.js')],
  bun: () => [bunPath(), join(ROOT, 'src/runtime/bun.ts')],
  deno: () => [denoPath(), 'run', '-A', join(ROOT, 'src/runtime/deno.ts')],
};

/** One secret for the whole run. The benchmark itself also issues tokens with it. */
export const SECRET_KEY = randomBytes(48).toString('base64');

/** A limit that is never reached, although all requests come from one address. */
const WIDE = '9999999/60s';

/**
 * The defaults of production, except for the rate limits: the server counts requests, but the limits are never reached.
 */
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
  /** The path of the Node binary that runs the server if the runtime is Node. */
  readonly node: string;
  readonly folder: string;
  /** The path of the database, which the server creates if it is missing. */
  readonly databasePath?: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** The core that the server runs on; `undefined` for all. */
  readonly core: number | undefined;
  readonly label?: string;
}

/** Returns the options for starting Latchkey, for callers that do not wait until it listens. */
export function latchkeyCommand({
  runtime = 'node',
  node,
  folder,
  databasePath = join(folder, `${runtime}.db`),
  settings = {},
  core,
  label = `latchkey-${runtime}`,
}: LatchkeyOptions) {
  const env = { ...SETTINGS, DATABASE_URL: `file:${databasePath}`, ...settings };
  return { label, command: COMMANDS[runtime](node), folder, env, core };
}

export const startLatchkey = (options: LatchkeyOptions): Promise<Server> =>
  startServer({ ...latchkeyCommand(options), ready: /http:\/\/127\.0\.0\.1:(\d+)\/docs/ });
