import { AppError } from '../../errors.ts';
import { type AllowedOrigins, isOwnOrigin } from '../origins.ts';
import type { Step } from './in-order.ts';

/**
 * Rejects a login that a foreign page sends from the user's browser. Such a login would log the user in to the
 * attacker's account (OWASP: login CSRF). Browsers send the origin of the page in `Origin`; native apps and programs
 * send none. Runs before the body is read and before the login limits count.
 *
 * @param allowed origins that may log in, in addition to the host's own
 * @throws AppError `origin_refused`
 */
export const onlyOwnOrigins =
  (allowed: AllowedOrigins): Step =>
  (c) => {
    const origin = c.req.header('Origin');
    if (origin === undefined || allowed.has(origin)) return;
    if (!isOwnOrigin(origin, c.req)) {
      throw new AppError('origin_refused');
    }
  };
