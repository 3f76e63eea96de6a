import type { ConnectionLimits } from '../../../src/runtime/node-listen.ts';

/** In milliseconds, as the next ones. */
export const BODY_LIMIT_MS = 1000;

export const CONNECTION_LIMITS: ConnectionLimits = {
  headersTimeout: 1000,
  requestTimeout: 4000,
  keepAliveTimeout: 1000,
  connectionsCheckingInterval: 100,
};
