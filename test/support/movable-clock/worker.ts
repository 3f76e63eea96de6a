import '../derive-bits-guard.mjs';
import type { ExecutionContext } from 'hono';
import type { WorkerEnv } from '../../../src/runtime/servers/worker-app.ts';
import {
  createWorkerHandler,
  type WorkerHandler,
} from '../../../src/runtime/servers/worker-handler.ts';
import { atTimeOf, clock } from './clock.ts';
import { SCHEDULED_PATH } from './header.ts';

const worker = createWorkerHandler({ clock });

/** Runs the scheduled handler when its path is requested, because wrangler cannot set the time of a cron trigger. */
async function answer(
  request: Request,
  env: WorkerEnv,
  context: ExecutionContext,
): Promise<Response> {
  if (new URL(request.url).pathname !== SCHEDULED_PATH) return worker.fetch(request, env, context);
  await worker.scheduled({ cron: '17 * * * *' }, env);
  return new Response(null, { status: 204 });
}

export default {
  fetch: (request, env, context) => atTimeOf(request, () => answer(request, env, context)),
  scheduled: worker.scheduled,
} satisfies WorkerHandler;
