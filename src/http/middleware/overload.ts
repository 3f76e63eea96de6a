import { createMiddleware } from 'hono/factory';
import { AppError } from '../../errors.ts';
import type { Env } from '../env.ts';

/**
 * Refuses what the runtime says is too much, before a byte of its body is read. It stands behind CORS, so
 * that a web client can read the answer too.
 *
 * @param exempt the path that is answered all the same
 * @throws AppError `overloaded`
 */
export const refuseOverload = (exempt: string) =>
  createMiddleware<Env>(async (c, next) => {
    if (c.env?.isOverloaded && c.req.path !== exempt) throw new AppError('overloaded');
    await next();
  });
