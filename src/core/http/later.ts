import type { Context } from 'hono';
import type { Logger } from '../log.ts';
import type { Later, Work } from '../ports.ts';
import type { Env } from './env.ts';

/**
 * For work that outlives the answer, such as a message to be sent. It keeps the isolate alive on Workers
 * (`waitUntil`); on Node, Bun and Deno the process awaits it on SIGTERM, within the time that a stop
 * may take. A failure is logged as `later_failed`, by the error's name: its message could name a person.
 *
 * A Worker keeps one app per isolate, and what keeps an isolate alive belongs to a request. So each runtime
 * passes it to `app.fetch` with the request, as Hono's execution context. That costs a request which has no such
 * work nothing. A service that knows no HTTP gets the `Later` of its request as an argument.
 *
 * @example
 * ```ts
 * const later = laterOf(c, log);
 * later(() => mail.send(message));
 * ```
 * @throws Error if the runtime has passed no execution context
 */
export function laterOf(c: Context<Env>, log: Logger): Later {
  const context = c.executionCtx;
  return (work) => context.waitUntil(settle(work, log, c.get('requestId')));
}

/** Never rejects. */
async function settle(work: Work, log: Logger, requestId: string): Promise<void> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    const name = error instanceof Error ? error.name : typeof error;
    log.error('later_failed', { request_id: requestId, error: name });
  }
}
