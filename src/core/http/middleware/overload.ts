import type { Context } from 'hono';
import { AppError } from '../../errors.ts';
import type { Env } from '../env.ts';
import type { Step } from './in-order.ts';

/**
 * Rejects requests under overload before their body is read, so that a rejection costs almost nothing. Runs after CORS,
 * so that a web client can read the response.
 *
 * @param mustReject returns true if this request must be rejected
 * @throws AppError `overloaded`
 */
export const refuseOverload =
  (mustReject: (c: Context<Env>) => boolean): Step =>
  (c) => {
    if (mustReject(c)) throw new AppError('overloaded');
  };
