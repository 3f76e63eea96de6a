import type { ConnectionLimits } from '../../../src/runtime/servers/node-listen.ts';

/** The variable that sets another limit for a whole body, in milliseconds. */
export const BODY_LIMIT_MS = 'TEST_BODY_LIMIT_MS';

/** Short limits, in milliseconds, like those below. */
export const BODY_LIMITS = { limitMs: Number(process.env[BODY_LIMIT_MS] ?? 2500), idleMs: 500 };

export const CONNECTION_LIMITS: ConnectionLimits = {
  headersTimeout: 1000,
  requestTimeout: BODY_LIMITS.limitMs + 1500,
  keepAliveTimeout: 1000,
  connectionsCheckingInterval: 100,
  answers: { stallMs: 2000, crowdedMs: 1000 },
};
