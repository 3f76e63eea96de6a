import type { Context } from 'hono';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import type { Env } from '../../core/http/env.ts';
import type { Step } from '../../core/http/middleware/in-order.ts';
import { networkOf } from '../../core/network.ts';
import type { FloodGate } from '../../core/ports.ts';
import { limitHeaders, limitItem, policyItem } from '../../core/quota.ts';
import { createNetworkLimiter } from './memory.ts';

const NAME = 'default';
/** How long a flood is kept out at least, in seconds: the shortest window of the gate in front of us. */
const FLOOD_SECONDS = 10;

interface RateParts {
  readonly config: Pick<Config, 'rateLimits'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly floodGate: FloodGate | undefined;
  /** The path that is never limited. */
  readonly exemptPath: string;
}

/**
 * Limits how often one address, and the networks around one of IPv6, may ask this server for anything but its
 * health. Counted in memory: a read must not cost a write. Where the platform has a gate against floods, it is asked first. An address that is
 * not known is not limited.
 */
export const limitRate = ({ config, clock, floodGate, exemptPath }: RateParts): Step => {
  const quota = config.rateLimits.anything;
  if (!quota) return () => {};
  const limiter = createNetworkLimiter(NAME, quota, clock);
  const policy = policyItem(NAME, quota);

  function count(c: Context<Env>, address: string): void {
    const verdict = limiter.take(address);
    if (verdict.isOver) {
      throw new AppError('too_many_requests', { headers: limitHeaders([verdict]) });
    }
    // Before any other limit is reported, so that there is nothing to join.
    c.set('head', {
      'RateLimit-Policy': policy,
      RateLimit: limitItem(verdict),
      ...c.get('head'),
    });
  }

  return (c) => {
    const address = c.get('caller').address;
    if (!address || c.req.path === exemptPath) return undefined;
    if (!floodGate) return count(c, address);
    return floodGate(networkOf(address)).then((isLetIn) => {
      if (!isLetIn) throw flood();
      count(c, address);
    });
  };
};

const flood = (): AppError =>
  new AppError('too_many_requests', { headers: { 'Retry-After': String(FLOOD_SECONDS) } });
