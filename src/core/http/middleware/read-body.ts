import type { Context } from 'hono';
import { AppError } from '../../errors.ts';
import { siteOf } from '../../network.ts';
import { BODY_LIMITS, type BodyBudget, type BodyLimits, createBodyBudget } from '../body-budget.ts';
import type { Env } from '../env.ts';

/** The limit of a body, unless the operation has another. */
export const MAX_BODY_BYTES = 64 * 1024;
/** How much of a refused body is read before the answer. */
const MAX_DRAINED_BYTES = 1024 * 1024;
/** How often within its shortest limit a body on its way is looked at. */
const LOOKS = 5;

/**
 * Reads the body of a request into its context.
 *
 * @throws AppError `payload_too_large`, `request_timeout`, `overloaded`, or `unreadable_body` for a body that
 * breaks off
 */
export type ReadBody = (c: Context<Env>, maxBytes: number) => Promise<void> | undefined;

/** A body on its way, as far as its time is concerned. All times are by `performance.now()`. */
interface Arrival {
  /** When its last byte came in, where that is known. */
  lastByteAt(now: number): number | undefined;
  /** Stops waiting. */
  end(): void;
}

type Watch = (arrival: Arrival) => ReturnType<typeof setInterval>;

/**
 * Reads the body once, up to the limit of its operation, announced or counted as it comes in. Bodies on their
 * way have a budget of their own, so that those that are held back leave room for other requests.
 */
export function createBodyReader(limits: Partial<BodyLimits> | undefined): ReadBody {
  const { maxCount, limitMs, idleMs } = { ...BODY_LIMITS, ...limits };
  const budget = createBodyBudget(maxCount);
  const lookMs = Math.min(limitMs, idleMs) / LOOKS;

  /** Looks after one body by a timer of its own: on Workers one request must not touch what is another's. */
  const watch: Watch = (arrival) => {
    const begun = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const isLate = now - begun >= limitMs || isIdle(arrival, begun, now);
      if (!isLate) return;
      clearInterval(timer);
      arrival.end();
    }, lookMs);
    return timer;
  };

  function isIdle({ lastByteAt }: Arrival, begun: number, now: number): boolean {
    const crowdedSince = budget.crowdedSince();
    // Where no byte is seen, a body has the time from when it became crowded.
    const lastAt = lastByteAt(now) ?? Math.max(begun, crowdedSince ?? now);
    return crowdedSince !== undefined && now - lastAt >= idleMs;
  }

  async function read(
    c: Context<Env>,
    length: number | undefined,
    maxBytes: number,
  ): Promise<ArrayBuffer> {
    const { raw } = c.req;
    // By /48: a share for each /64 would leave the whole budget to one customer.
    const network = siteOf(c.get('caller').address ?? '');
    const cost = budget.enter(network, length ?? maxBytes);
    try {
      const connection = c.env?.connection;
      return await (length !== undefined && isReadWhole(connection, budget)
        ? readWhole(raw, connection, maxBytes, watch)
        : readStream(raw.body, maxBytes, watch));
    } finally {
      budget.leave(network, cost);
    }
  }

  return (c, maxBytes) => {
    const length = announcedLength(c.req.raw, maxBytes);
    if (length === 0 || (length === undefined && hasNoBody(c.req.raw))) {
      c.set('body', new ArrayBuffer(0));
      return undefined;
    }
    return read(c, length, maxBytes).then((bytes) => {
      c.set('body', bytes);
    });
  };
}

/** True if a request that announces no length has no body: a logout must not wait for the budget of bodies. */
const hasNoBody = (raw: Request): boolean =>
  !raw.headers.has('Content-Length') && !raw.headers.has('Transfer-Encoding') && raw.body === null;

/** How long the body is, where the request says so and that is not too long: the server keeps it to its word. */
function announcedLength({ headers }: Request, maxBytes: number): number | undefined {
  const text = headers.get('Content-Length');
  if (text === null || !/^\d+$/.test(text)) return undefined;
  const length = Number(text);
  return length <= maxBytes ? length : undefined;
}

/**
 * True if an announced body is read in one piece, which costs far less than a stream. What comes in meanwhile
 * is seen at its connection, or else not at all: then only as long as no bodies are held back.
 */
const isReadWhole = (connection: Env['Bindings']['connection'], budget: BodyBudget): boolean =>
  connection !== undefined || budget.isQuiet();

function readWhole(
  raw: Request,
  connection: Env['Bindings']['connection'],
  maxBytes: number,
  watch: Watch,
): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const timer = watch({
      lastByteAt: connection ? lastByteOf(connection) : () => undefined,
      end: () => reject(new AppError('request_timeout')),
    });
    raw.arrayBuffer().then(
      (bytes) => {
        clearInterval(timer);
        if (bytes.byteLength > maxBytes) reject(new AppError('payload_too_large'));
        else resolve(bytes);
      },
      (cause: unknown) => {
        clearInterval(timer);
        reject(new AppError('unreadable_body', { cause }));
      },
    );
  });
}

/** When a connection was last seen to have got something, by the count of its bytes. */
function lastByteOf(connection: { readonly bytesRead: number }): Arrival['lastByteAt'] {
  let seen = connection.bytesRead;
  let at = performance.now();
  return (now) => {
    if (connection.bytesRead !== seen) at = now;
    seen = connection.bytesRead;
    return at;
  };
}

/** Hono's own `bodyLimit` answers without reading on, which servers in front take for a lost connection. */
async function readStream(
  body: Request['body'],
  maxBytes: number,
  watch: Watch,
): Promise<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  if (!body) return new ArrayBuffer(0);
  let size = 0;
  let isLate = false;
  let lastByteAt = performance.now();
  const reader = body.getReader();
  const timer = watch({
    lastByteAt: () => lastByteAt,
    end() {
      isLate = true;
      // Ends the read below. The result does not matter.
      reader.cancel().catch(() => {});
    },
  });
  try {
    for (let part = await reader.read(); part.value; part = await reader.read()) {
      lastByteAt = performance.now();
      size += part.value.length;
      if (size <= maxBytes) parts.push(part.value);
      if (size > Math.max(maxBytes, MAX_DRAINED_BYTES)) {
        await reader.cancel();
        break;
      }
    }
  } catch (cause) {
    throw new AppError(isLate ? 'request_timeout' : 'unreadable_body', { cause });
  } finally {
    clearInterval(timer);
  }
  if (isLate) throw new AppError('request_timeout');
  if (size > maxBytes) throw new AppError('payload_too_large');
  return new Blob(parts).arrayBuffer();
}
