import '../derive-bits-guard.mjs';
import { createWorkerHandler } from '../../../src/runtime/servers/worker-handler.ts';
import { createAppWithLateWork } from './app.ts';

export default createWorkerHandler({ createApp: createAppWithLateWork });
