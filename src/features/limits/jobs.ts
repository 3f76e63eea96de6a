import type { Feature } from '../../core/http/feature.ts';
import type { RateLimitStore } from './store.ts';

export const limitFeature = ({ rateLimits }: { readonly rateLimits: RateLimitStore }): Feature => ({
  jobs: [{ name: 'rate_limits', removeSome: (limit) => rateLimits.removeEnded(limit) }],
});
