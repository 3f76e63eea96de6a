import type { Context } from 'hono';
import { nameOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Later, Work } from '../ports.ts';
import type { Env } from './env.ts';

/** The part of a context that scheduling needs, whichever variables its guard sets. */
export type LaterContext = Pick<Context<Env>, 'executionCtx' | 'get'>;

/**
 * Returns the scheduler of a request for work that outlives the response, such as sending a message. The work
 * keeps the isolate alive on Workers (`waitUntil`); on Node, Bun and Deno the process awaits it on SIGTERM, within
 * the shutdown timeout. A failure is logged as `background_work_failed` with the name of the error only: its message
 * could contain personal data.
 *
 * If the runtime refuses the work, because too much is running or because it has passed no execution context, the warning
 * `background_work_refused` is logged. A function then never starts; a promise goes on, but nothing awaits it.
 *
 * A Worker has one app per isolate, but `waitUntil` belongs to a request. So each runtime passes it to `app.fetch`
 * as Hono's execution context, which costs nothing for requests without such work. A service that is independent of
 * HTTP receives the `Later` of its request as an argument.
 *
 * @example
 * ```ts
 * const later = laterOf(c, log);
 * later(() => mail.send(message));
 * ```
 */
export function laterOf(c: LaterContext, log: Logger): Later {
  return (work) => {
    const requestId = c.get('requestId');
    let resolve = (_settled: Promise<void>): void => {};
    const settled = new Promise<void>((resolver) => {
      resolve = resolver;
    });
    try {
      // Called before the work starts, so that a function that is refused does not start at all.
      c.executionCtx.waitUntil(settled);
    } catch (error) {
      log.warn('background_work_refused', { request_id: requestId, error: nameOf(error) });
      if (typeof work !== 'function') void settle(work, log, requestId);
      return;
    }
    resolve(settle(work, log, requestId));
  };
}

/** Never rejects. */
async function settle(work: Work, log: Logger, requestId: string): Promise<void> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    log.error('background_work_failed', { request_id: requestId, error: nameOf(error) });
  }
}
