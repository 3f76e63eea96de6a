import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Env } from '../env.ts';

/** Runs before the handler of a route. Returns a response or throws to end the request early. */
export type Step = (c: Context<Env>) => Response | undefined | void | Promise<void>;

/**
 * Combines steps into one middleware. Hono creates closures and promises per middleware and request; for seven
 * middlewares, this took longer than their work. `return await` is deliberate: without `await`, an async function that
 * returns a promise creates two more promises.
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
