import { createWorkerHandler } from '../../../src/runtime/servers/worker-handler.ts';
import { createQueueingApp } from './app.ts';

export default createWorkerHandler({ createApp: createQueueingApp });
