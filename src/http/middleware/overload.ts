import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { AppError } from '../../errors.ts';
import type { Env } from '../env.ts';

/**
 * Refuses what is too much, before a byte of its body is read: a refusal must cost next to nothing. It
 * stands behind CORS, so that a web client can read the answer too.
 *
 * @param isTooMuch whether this request is
 * @throws AppError `overloaded`
 */
export const refuseOverload = (isTooMuch: (c: Context<Env>) => boolean) =>
  createMiddleware<Env>(async (c, next) => {
    if (isTooMuch(c)) throw new AppError('overloaded');
    await next();
  });
