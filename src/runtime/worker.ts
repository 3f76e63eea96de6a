import { createWorkerHandler } from './servers/worker-handler.ts';

export default createWorkerHandler();
