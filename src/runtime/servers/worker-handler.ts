import type { ExecutionContext } from 'hono';
import { describeError } from '../../core/db/database.ts';
import { AppError, ConfigError } from '../../core/errors.ts';
import { securityHeaders } from '../../core/http/middleware/security-headers.ts';
import { toProblem } from '../../core/http/problem.ts';
import { MAX_IN_TICK } from '../../start-up.ts';
import {
  createWorkerApp,
  type WorkerAssembly,
  type WorkerEnv,
  type WorkerSeams,
} from './worker-app.ts';

/** The handlers that workerd calls. */
export interface WorkerHandler {
  fetch(request: Request, env: WorkerEnv, context: ExecutionContext): Promise<Response>;
  /** Runs on the cron triggers of wrangler.toml: {@link EVERY_MINUTE} delivers messages, any other does all. */
  scheduled(event: { readonly cron: string }, env: WorkerEnv): Promise<void>;
}

const EVERY_MINUTE = '* * * * *';

/**
 * Serves the API in a Worker. The settings arrive with the first request or event, which therefore also assembles the
 * app.
 *
 * @param seams for tests only; the entry module passes nothing
 */
export function createWorkerHandler(seams: WorkerSeams = {}): WorkerHandler {
  /** A value, not a promise: a cached promise would hang the isolate if the first request were aborted. */
  let worker: WorkerAssembly | undefined;

  /** Returns the app. If assembling it fails, logs the cause and returns the error for the response. */
  async function assemble(env: WorkerEnv): Promise<WorkerAssembly | AppError> {
    try {
      if (worker) return worker;
      const created = await createWorkerApp(env, seams);
      // Concurrent first requests may each create an app. Only one app is kept, so that its limits count all later
      // requests.
      worker ??= created;
      return worker;
    } catch (error) {
      const isConfig = error instanceof ConfigError;
      console.error(isConfig ? error.message : describeError(error));
      return new AppError(isConfig ? 'misconfigured' : 'internal_error');
    }
  }

  return {
    async fetch(request, env, context) {
      const ready = await assemble(env);
      if (ready instanceof AppError) {
        const id = crypto.randomUUID();
        const { status, headers, body } = toProblem(ready, id);
        const head = { ...securityHeaders(true), 'X-Request-Id': id, ...headers };
        return new Response(request.method === 'HEAD' ? null : body, { status, headers: head });
      }
      ready.beginInvocation();
      const clientAddress = request.headers.get('CF-Connecting-IP') ?? undefined;
      return ready.app.fetch(request, { clientAddress }, context);
    },

    async scheduled({ cron }, env) {
      const ready = await assemble(env);
      if (ready instanceof AppError) return;
      ready.beginInvocation();
      if (cron === EVERY_MINUTE) await ready.deliver(MAX_IN_TICK);
      else await ready.tick();
    },
  };
}
