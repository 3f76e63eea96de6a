import type { Context } from 'hono';
import { AppError } from '../../errors.ts';
import type { Env } from '../env.ts';
import type { Step } from './in-order.ts';

/**
 * Refuses what is too much, before a byte of its body is read: a refusal must cost next to nothing. It
 * stands behind CORS, so that a web client can read the answer too.
 *
 * @param isTooMuch whether this request is
 * @throws AppError `overloaded`
 */
export const refuseOverload =
  (isTooMuch: (c: Context<Env>) => boolean): Step =>
  (c) => {
    if (isTooMuch(c)) throw new AppError('overloaded');
  };
