import { createWorkerHandler } from './worker-handler.ts';

export default createWorkerHandler();
