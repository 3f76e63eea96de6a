import '../derive-bits-guard.mjs';
import { createWorkerHandler, type WorkerHandler } from '../../../src/runtime/worker-handler.ts';
import { atTime, atTimeOf, clock } from './clock.ts';

const worker = createWorkerHandler({ clock });

export default {
  fetch: (request, env) => atTimeOf(request, () => worker.fetch(request, env)),
  scheduled: (event, env) => atTime(event.scheduledTime, () => worker.scheduled(event, env)),
} satisfies WorkerHandler;
