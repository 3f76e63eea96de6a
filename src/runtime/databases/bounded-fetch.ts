import { LibsqlError } from '@libsql/client/http';
import { OutboundError, withinLimit } from '../../core/outbound.ts';

interface BoundedFetchOptions {
  /** How many requests may be under way at once; the others wait. */
  readonly atOnce: number;
  /** How long one may take, with the wait for its turn, in milliseconds. */
  readonly limitMs?: number;
  /** What sends. It must send once only. */
  readonly send?: typeof fetch;
}

/** Far longer than any statement runs; shorter than a client waits. */
const ANSWER_LIMIT_MS = 5000;

/**
 * A `fetch` for the libSQL client that always ends. The client has no limit of its own, and hands on a
 * connection that broke as an error that looks like our own fault. The answer is read whole in
 * here, so that one which stops half-way ends as well. Nothing is sent twice: whether a write was done is not
 * known where its answer is lost.
 *
 * Its errors are LibsqlError, `SERVER_TIMEOUT` or `SERVER_UNREACHABLE`, with what happened as the cause.
 */
export function createBoundedFetch({
  atOnce,
  limitMs = ANSWER_LIMIT_MS,
  send = fetch,
}: BoundedFetchOptions): typeof fetch {
  /** Those who wait, in their order. Each is called when its turn has come. */
  const waiting = new Set<() => void>();
  let free = atOnce;

  async function enter(signal: AbortSignal): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      waiting.add(resolve);
      signal.addEventListener('abort', () => {
        if (waiting.delete(resolve)) reject(signal.reason);
      });
    });
  }

  function leave(): void {
    const [next] = waiting;
    if (!next) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  return async (input, init) => {
    try {
      return await withinLimit(limitMs, async (signal) => {
        await enter(signal);
        try {
          const response = await send(input, { ...init, signal });
          return new Response(await response.arrayBuffer(), response);
        } finally {
          leave();
        }
      });
    } catch (error) {
      throw toLibsqlError(error, limitMs);
    }
  };
}

const toLibsqlError = (error: unknown, limitMs: number): LibsqlError =>
  error instanceof OutboundError
    ? serverError(`no answer within ${limitMs} ms`, 'SERVER_TIMEOUT', error.cause)
    : serverError('the connection failed', 'SERVER_UNREACHABLE', error);

const serverError = (message: string, code: string, cause: unknown): LibsqlError =>
  new LibsqlError(message, code, undefined, undefined, cause instanceof Error ? cause : undefined);
