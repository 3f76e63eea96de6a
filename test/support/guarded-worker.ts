import './derive-bits-guard.mjs';

export { default } from '../../src/runtime/worker.ts';
