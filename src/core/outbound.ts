import type { Outbound } from './ports.ts';
import { VERSION } from './version.ts';

/** Why there is no answer: fit for a log, since no word of the other side is in it. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
  readonly reason: 'too_slow' | 'too_long' | `status_${number}`;

  constructor(reason: OutboundError['reason'], options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/**
 * Runs work that always ends. The signal is aborted at the limit, and as soon as the work fails, so that an
 * answer which is still on its way is dropped.
 *
 * @throws OutboundError `too_slow` at the limit, with the work's own error as the cause; else what the work throws
 */
export async function withinLimit<T>(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Rejects by itself too: not every runtime's `fetch` heeds the signal once the body has begun.
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

/**
 * Creates the way out of the process.
 *
 * @param send the runtime's `fetch`. It must send once only
 */
export function createOutbound(send: typeof fetch): Outbound {
  return (url, { limitMs, maxBytes, expects, headers, ...init }) =>
    withinLimit(limitMs, async (signal) => {
      const response = await send(url, {
        ...init,
        headers: { 'User-Agent': `latchkey/${VERSION}`, ...headers },
        // Workers know no `error`.
        redirect: 'manual',
        signal,
      });
      const { status } = response;
      if (expects !== undefined && status !== expects) throw new OutboundError(`status_${status}`);
      return { status, bytes: await readWhole(response, maxBytes) };
    });
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
