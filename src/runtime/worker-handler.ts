import type { App } from '../app.ts';
import { ConfigError } from '../config.ts';
import { describeError } from '../db/database.ts';
import type { Platform } from '../deps.ts';
import { AppError } from '../errors.ts';
import { toProblem } from '../http/problem.ts';
import { createWorkerApp, type WorkerEnv } from './worker-app.ts';

/** What workerd calls. */
export interface WorkerHandler {
  fetch(request: Request, env: WorkerEnv): Promise<Response>;
}

/**
 * Serves the API in a Worker. The app is put together by the first request, which brings the settings.
 *
 * @param seams what a test puts in the place of the real thing; the entry gives nothing
 */
export function createWorkerHandler(seams: Pick<Platform, 'clock'> = {}): WorkerHandler {
  /** Kept as a value. A promise kept here would hang the isolate if the first request were aborted. */
  let app: App | undefined;

  return {
    async fetch(request, env) {
      try {
        app ??= await createWorkerApp(env, seams);
      } catch (error) {
        const isConfig = error instanceof ConfigError;
        console.error(isConfig ? error.message : describeError(error));
        const cause = new AppError(isConfig ? 'misconfigured' : 'internal_error');
        const problem = toProblem(cause, crypto.randomUUID());
        return new Response(problem.body, problem);
      }
      const clientAddress = request.headers.get('CF-Connecting-IP') ?? undefined;
      return app.fetch(request, { clientAddress });
    },
  };
}
