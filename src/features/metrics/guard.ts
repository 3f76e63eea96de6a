import { equalTextsInConstantTime, randomBytes } from '../../core/crypto/bytes.ts';
import type { CreateMac } from '../../core/crypto/derived-key.ts';
import { AppError } from '../../core/errors.ts';
import { bearerToken } from '../../core/http/bearer.ts';
import type { Step } from '../../core/http/middleware/in-order.ts';

interface GuardParts {
  readonly config: { readonly metricsToken: string | undefined };
  readonly createMac: CreateMac;
}

/**
 * Creates the step of the guard `scraper`. Compares MACs under a key of this process, so that the time reveals neither
 * the token nor its length.
 */
export function requireMetricsToken({ config, createMac }: GuardParts): Step {
  const mac = createMac(randomBytes(32));
  const expected = config.metricsToken === undefined ? undefined : mac(config.metricsToken);
  return (c) => {
    const given = bearerToken(c.req.header('Authorization'));
    if (given === undefined) throw new AppError('not_authenticated');
    if (expected === undefined || !equalTextsInConstantTime(mac(given), expected)) {
      throw new AppError('invalid_token');
    }
  };
}
