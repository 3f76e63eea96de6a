import type { Context } from 'hono';
import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import type { Env } from '../../core/http/env.ts';
import type { Step } from '../../core/http/middleware/in-order.ts';
import type { Meter } from '../../core/metrics/meter.ts';
import type { LimitName } from '../../core/metrics/metrics.ts';
import { networkOf } from '../../core/network.ts';
import type { FloodGate } from '../../core/ports.ts';
import { limitHeaders, limitItem, policyItem, type Quota, widened } from '../../core/quota.ts';
import { createNetworkLimiter } from './memory.ts';

const NAME = 'default';
/**
 * Pictures have a counter of their own, with a larger quota: a page that shows a hundred of them must not use up the
 * requests of its whole network.
 */
const PICTURES = 'pictures';
const PICTURES_SHARE = 10;
const PICTURE_PATH = '/avatars/';
/** The `Retry-After` of a flood, in seconds: the shortest window of the platform's flood gate. */
const FLOOD_SECONDS = 10;

interface RateParts {
  readonly config: Pick<Config, 'rateLimits'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly meter: Meter;
  readonly floodGate: FloodGate | undefined;
  /** True for a path that is never limited. */
  readonly isExempt: (path: string) => boolean;
}

/**
 * Limits all requests except those for exempt paths, by address and by the wider networks that contain an IPv6 address.
 * Counts in memory, because a read must not cost a write. Asks the platform's flood gate first, if there is one. Does
 * not limit requests whose address is unknown.
 */
export const limitRate = ({ config, clock, meter, floodGate, isExempt }: RateParts): Step => {
  const quota = config.rateLimits.anything;
  if (!quota) return () => {};
  const counterOf = (name: LimitName, counted: Quota) => ({
    name,
    limiter: createNetworkLimiter(name, counted, clock),
    policy: policyItem(name, counted),
  });
  const anything = counterOf(NAME, quota);
  const pictures = counterOf(PICTURES, widened(quota, PICTURES_SHARE));

  function count(c: Context<Env>, address: string): void {
    const isPicture = c.req.path.startsWith(PICTURE_PATH);
    const { name, limiter, policy } = isPicture ? pictures : anything;
    const verdict = limiter.take(address);
    if (verdict.isOver) {
      meter.count('latchkey_limit_hits_total', { limit: name });
      throw new AppError('too_many_requests', { headers: limitHeaders([verdict]) });
    }
    // Runs before all other limits, so the header fields have no values yet.
    c.set('head', {
      'RateLimit-Policy': policy,
      RateLimit: limitItem(verdict),
      ...c.get('head'),
    });
  }

  return (c) => {
    const address = c.get('caller').address;
    if (!address || isExempt(c.req.path)) return undefined;
    if (!floodGate) return count(c, address);
    return floodGate(networkOf(address)).then((isAdmitted) => {
      if (!isAdmitted) {
        meter.count('latchkey_limit_hits_total', { limit: 'flood' });
        throw floodError();
      }
      count(c, address);
    });
  };
};

const floodError = (): AppError =>
  new AppError('too_many_requests', { headers: { 'Retry-After': String(FLOOD_SECONDS) } });
