import type { ExecutionContext } from 'hono';
import { describeError } from '../../core/db/database.ts';
import { AppError, ConfigError } from '../../core/errors.ts';
import { securityHeaders } from '../../core/http/middleware/security-headers.ts';
import { toProblem } from '../../core/http/problem.ts';
import { createWorkerApp, type WorkerApp, type WorkerEnv, type WorkerSeams } from './worker-app.ts';

/** What workerd calls. */
export interface WorkerHandler {
  fetch(request: Request, env: WorkerEnv, context: ExecutionContext): Promise<Response>;
  /** By the cron triggers of wrangler.toml. */
  scheduled(event: unknown, env: WorkerEnv): Promise<void>;
}

/**
 * Serves the API in a Worker. It is put together by the first request or event, which brings the settings.
 *
 * @param seams replaced by tests; the entry passes nothing
 */
export function createWorkerHandler(seams: WorkerSeams = {}): WorkerHandler {
  /** Kept as a value. A promise kept here would hang the isolate if the first request were aborted. */
  let worker: WorkerApp | undefined;

  /** The Worker, or why there is none; that has been told to the log. */
  async function assemble(env: WorkerEnv): Promise<WorkerApp | AppError> {
    try {
      if (worker) return worker;
      const made = await createWorkerApp(env, seams);
      // Of several that first requests make at once, one stays: its limits count for all later requests.
      worker ??= made;
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
      const clientAddress = request.headers.get('CF-Connecting-IP') ?? undefined;
      return ready.app.fetch(request, { clientAddress }, context);
    },

    async scheduled(_event, env) {
      const ready = await assemble(env);
      if (!(ready instanceof AppError)) await ready.tick();
    },
  };
}
