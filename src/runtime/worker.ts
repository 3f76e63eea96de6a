import type { D1Database, Fetcher } from '@cloudflare/workers-types';
import { type App, createApp } from '../app.ts';
import { seedDemoUser } from '../auth/demo-user.ts';
import { ConfigError, parseConfig } from '../config.ts';
import { createDeps } from '../deps.ts';
import { AppError } from '../errors.ts';
import { toProblem } from '../http/problem.ts';
import { createLogger } from '../log.ts';
import { D1_URL, openWorkerDatabase } from './worker-database.ts';

export interface WorkerEnv {
  readonly DB?: D1Database;
  readonly ASSETS: Fetcher;
  readonly [setting: string]: unknown;
}

/** Kept as a value. A promise kept here would hang the isolate if the first request were aborted. */
let app: App | undefined;

export default {
  async fetch(request: Request, env: WorkerEnv): Promise<Response> {
    try {
      app ??= await start(env);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      console.error(error.message);
      const problem = toProblem(new AppError('misconfigured'), crypto.randomUUID());
      return new Response(problem.body, problem);
    }
    return app.fetch(request);
  },
};

async function start(env: WorkerEnv): Promise<App> {
  const config = parseConfig(env, {
    environment: 'production',
    databaseUrl: env.DB && D1_URL,
    hasFiles: false,
  });
  const db = openWorkerDatabase(config, env.DB);
  const log = createLogger(config.logLevel, console.log);
  const readAsset = async (path: string) => {
    const { ok, body } = await env.ASSETS.fetch(`https://assets.invalid/${path}`);
    return ok && body ? (body as unknown as ReadableStream) : undefined;
  };
  const deps = await createDeps(config, { db, log, readAsset });
  if (config.seedDemoUser) await seedDemoUser(deps);
  return createApp(deps);
}
