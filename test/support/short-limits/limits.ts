import type { ConnectionLimits } from '../../../src/runtime/servers/node-listen.ts';

/** Short limits, in milliseconds, like those below. */
export const BODY_LIMITS = { limitMs: 2500, idleMs: 500 };

export const CONNECTION_LIMITS: ConnectionLimits = {
  headersTimeout: 1000,
  requestTimeout: 4000,
  keepAliveTimeout: 1000,
  connectionsCheckingInterval: 100,
  answers: { stallMs: 2000, crowdedMs: 1000 },
};
