import { createMiddleware } from 'hono/factory';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { networkOf } from '../../limits/address.ts';
import { createMemoryLimiter } from '../../limits/memory.ts';
import { headersOrRefusal } from '../../limits/quota.ts';
import type { Env } from '../env.ts';
import { setHeaders } from '../headers.ts';
import { addressOf } from '../origin.ts';

/** Asked by those who watch over us, and often. */
const UNLIMITED = new Set(['/healthz', '/readyz']);

/** How long a flood is kept out at least, in seconds: the shortest window of the gate in front of us. */
const FLOOD_SECONDS = 10;

/**
 * Limits how often one address may ask this server for anything at all. Counted in memory: a read must
 * not cost a write. Where the platform has a gate against floods, it is asked first. An address that is
 * not known is not limited.
 */
export const limitRate = ({
  config,
  clock,
  floodGate,
}: Pick<Deps, 'config' | 'clock' | 'floodGate'>) => {
  const { rateLimits, trustedProxyHops } = config;
  const limiter = rateLimits.anything && createMemoryLimiter('default', rateLimits.anything, clock);
  return createMiddleware<Env>(async (c, next) => {
    const address = limiter && addressOf(c, trustedProxyHops);
    if (address && !UNLIMITED.has(c.req.path)) {
      const caller = networkOf(address);
      if (floodGate && !(await floodGate(caller))) throw flood();
      setHeaders(c, headersOrRefusal([limiter.take(caller)]));
    }
    await next();
  });
};

const flood = (): AppError =>
  new AppError('too_many_requests', { headers: { 'Retry-After': String(FLOOD_SECONDS) } });
