import { LibsqlError } from '@libsql/client/http';
import { OutboundError, withinLimit } from '../../core/outbound.ts';

interface BoundedFetchOptions {
  /** Maximum number of in-flight requests; the others queue. */
  readonly atOnce: number;
  /** Timeout of one request, including its time in the queue, in milliseconds. */
  readonly limitMs?: number;
  /** Sends a request. Must not retry. */
  readonly send?: typeof fetch;
}

/** Far longer than any statement takes, and shorter than a client waits. */
const ANSWER_LIMIT_MS = 5000;

/**
 * Creates a `fetch` for the libSQL client that always settles. The client itself has no timeout, and reports a broken
 * connection with an error that looks like a bug in Latchkey. Reads the body here, so that the timeout also covers a
 * response that stalls half-way. Never retries, because a write whose response was lost may have been applied.
 *
 * Rejects with a LibsqlError, `SERVER_TIMEOUT` or `SERVER_UNREACHABLE`, whose cause is the original error.
 */
export function createBoundedFetch({
  atOnce,
  limitMs = ANSWER_LIMIT_MS,
  send = fetch,
}: BoundedFetchOptions): typeof fetch {
  /** A FIFO queue of requests that wait for a permit. Calling an entry admits its request. */
  const waiting = new Set<() => void>();
  let permits = atOnce;

  async function acquire(signal: AbortSignal): Promise<void> {
    if (permits > 0) {
      permits -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      waiting.add(resolve);
      signal.addEventListener('abort', () => {
        if (waiting.delete(resolve)) reject(signal.reason);
      });
    });
  }

  function release(): void {
    const [next] = waiting;
    if (!next) {
      permits += 1;
      return;
    }
    waiting.delete(next);
    next();
  }

  return async (input, init) => {
    try {
      return await withinLimit(limitMs, async (signal) => {
        await acquire(signal);
        try {
          const response = await send(input, { ...init, signal });
          return new Response(await response.arrayBuffer(), response);
        } finally {
          release();
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
