import { join } from 'node:path';
import { bunPath, denoPath } from '../../scripts/binaries.ts';
import { ROOT } from '../root.ts';
import type { Runtime } from './latchkey.ts';
import { type Server, startServer } from './process.ts';

const entry = (runtime: Runtime): string => join(ROOT, `bench/servers/bare-${runtime}.ts`);

const COMMANDS: Record<Runtime, (node: string) => readonly [string, ...string[]]> = {
  node: (node) => [node, '--import', import.meta.resolve('tsx'), entry('node')],
  bun: () => [bunPath(), entry('bun')],
  deno: () => [denoPath(), 'run', '-A', entry('deno')],
};

export interface BareOptions {
  readonly runtime: Runtime;
  /** The path of the Node binary that runs the server if the runtime is Node. */
  readonly node: string;
  readonly folder: string;
  /** The response bodies of the two routes, as JSON texts. */
  readonly profile?: string;
  readonly tokens?: string;
  readonly core: number | undefined;
}

/** Starts a Hono app that only returns responses, on the same HTTP server that the API uses on that runtime. */
export const startBare = ({
  runtime,
  node,
  folder,
  profile = '{}',
  tokens = '{}',
  core,
}: BareOptions): Promise<Server> =>
  startServer({
    label: `bare-${runtime}`,
    command: COMMANDS[runtime](node),
    folder,
    // All contenders run in production mode. Some frameworks check the mode.
    env: { NODE_ENV: 'production', BARE_PROFILE: profile, BARE_TOKENS: tokens },
    ready: /bare Hono on port (\d+)/,
    core,
  });
