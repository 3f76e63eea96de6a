import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Env } from '../env.ts';

/** What is done before a route's own part. It may answer itself, or throw what is to be answered. */
export type Step = (c: Context<Env>) => Response | undefined | void | Promise<void>;

/**
 * Steps, one after the other, as one middleware. Hono creates closures and promises for each middleware
 * with every request; seven of them took longer than their work. And `await` before what is returned: an async
 * function that returns a bare promise takes it up by two more.
 */
export const inOrder = (...steps: readonly Step[]) =>
  createMiddleware<Env>(async (c, next) => {
    for (const step of steps) {
      const outcome = step(c);
      const response = outcome instanceof Promise ? await outcome : outcome;
      if (response) return response;
    }
    return await next();
  });
