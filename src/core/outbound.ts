import { nameOf } from './errors.ts';
import type { Outbound, OutboundAnswer } from './ports.ts';
import { childOf, formatTraceparent } from './trace.ts';
import type { Tracer } from './tracer.ts';
import { VERSION } from './version.ts';

/** A failed outgoing request. Contains no text from the other server, so it is safe to log. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly reason: 'unsupported_scheme' | 'too_slow' | 'too_long' | `status_${number}`;

  constructor(reason: OutboundError['reason'], options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/**
 * Runs work under a timeout. Aborts the signal at the timeout and when the work fails, so that a response still in
 * flight is dropped.
 *
 * @param limitMs timeout in milliseconds
 * @throws OutboundError `too_slow` at the timeout, with the error of the work as its cause; otherwise the error of the
 * work
 */
export async function withinLimit<T>(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Aborting the signal is not enough: in some runtimes, `fetch` ignores it once the body has begun.
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(controller.signal.reason);
    }, limitMs);
  });
  try {
    return await Promise.race([work(controller.signal), tooLate]);
  } catch (error) {
    if (controller.signal.aborted) throw new OutboundError('too_slow', { cause: error });
    controller.abort();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const NO_BYTES = new Uint8Array(0);

/** `fetch` also accepts `data:` URLs and, on Deno and Bun, file URLs. */
const HTTP_URL = /^https?:/i;

/**
 * Creates the client for all outgoing requests.
 *
 * @param send the runtime's `fetch`, which must not retry
 * @param tracer creates a span for each request
 */
export function createOutbound(send: typeof fetch, tracer?: Tracer): Outbound {
  async function request(...[url, options]: Parameters<Outbound>): Promise<OutboundAnswer> {
    const { limitMs, maxBytes, expects, headers, trace, ...init } = options;
    const fields = new Headers(headers);
    if (!fields.has('User-Agent')) fields.set('User-Agent', `latchkey/${VERSION}`);
    if (trace) fields.set('traceparent', formatTraceparent(trace));
    return withinLimit(limitMs, async (signal) => {
      // Workers do not support `redirect: 'error'`.
      const response = await send(url, { ...init, headers: fields, redirect: 'manual', signal });
      const { status } = response;
      if (expects !== undefined && status !== expects) throw new OutboundError(`status_${status}`);
      if (maxBytes === 0) await response.body?.cancel();
      return { status, bytes: maxBytes === 0 ? NO_BYTES : await readWhole(response, maxBytes) };
    });
  }

  return async (url, { trace, ...options }) => {
    if (!HTTP_URL.test(url)) throw new OutboundError('unsupported_scheme');
    if (!tracer) return request(url, { ...options, trace: trace && childOf(trace) });
    const span = tracer.startOutgoing(options.method ?? 'GET', url, trace);
    try {
      const answer = await request(url, { ...options, trace: span.trace });
      span.end(undefined, answer.status);
      return answer;
    } catch (error) {
      span.end(error instanceof OutboundError ? error.reason : nameOf(error));
      throw error;
    }
  };
}

/** @throws OutboundError `too_long` */
async function readWhole({ body }: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    length += part.value.length;
    if (length > maxBytes) throw new OutboundError('too_long');
    parts.push(part.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
