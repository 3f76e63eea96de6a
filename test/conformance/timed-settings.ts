import { GRACE_SECONDS } from '../support/lineage-model.ts';
import type { TargetName } from '../support/targets.ts';

/**
 * The lifetimes for the tests about time. An access token lives longer than an idle session, so that a rejected access
 * token shows that its session has ended.
 */
export const DAYS = { idle: 2, accessToken: 2.5, absolute: 7 } as const;
export const MAX_SESSIONS = 3;

export const timedSettings = {
  SESSION_IDLE_DAYS: String(DAYS.idle),
  SESSION_ABSOLUTE_DAYS: String(DAYS.absolute),
  ACCESS_TOKEN_EXPIRE_MINUTES: String(DAYS.accessToken * 24 * 60),
  SESSION_MAX_PER_USER: String(MAX_SESSIONS),
  REFRESH_GRACE_SECONDS: String(GRACE_SECONDS),
  TRUSTED_PROXY_HOPS: '1',
  RATE_LIMIT_LOGIN: '10/60s',
  RATE_LIMIT_SIGNUP: '30/1h',
  RATE_LIMIT_REFRESH: '60/60s',
};

/** The algorithms of the key ring. The other conformance tests sign with HS256. */
export const algorithms: Readonly<Record<TargetName, 'ES256' | 'EdDSA'>> = {
  node: 'EdDSA',
  bun: 'ES256',
  deno: 'EdDSA',
  'workerd-d1': 'ES256',
  'workerd-libsql': 'EdDSA',
};
