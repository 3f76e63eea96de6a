import type { App } from '../app.ts';
import { ConfigError } from '../config.ts';
import { describeError } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { toProblem } from '../http/problem.ts';
import { createWorkerApp, type WorkerEnv } from './worker-app.ts';

/** Kept as a value. A promise kept here would hang the isolate if the first request were aborted. */
let app: App | undefined;

export default {
  async fetch(request: Request, env: WorkerEnv): Promise<Response> {
    try {
      app ??= await createWorkerApp(env);
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
