import type { Context } from 'hono';
import { AppError } from '../../errors.ts';
import { siteOf } from '../../network.ts';
import {
  BODY_LIMITS,
  type BodyBudget,
  type BodyLimits,
  bodyLimitMs,
  createBodyBudget,
} from '../body-budget.ts';
import type { Env } from '../env.ts';

/** Default maximum size of a body. */
export const MAX_BODY_BYTES = 64 * 1024;
/** How many bytes of a rejected body are read at least before the response is sent. */
const MIN_DRAINED_BYTES = 1024 * 1024;
/** How long the response to a rejected request waits for the next part of the body, in milliseconds. */
const DRAIN_IDLE_MS = 1000;
/** How many times a body in flight is checked within the shorter of its two timeouts. */
const CHECKS_PER_TIMEOUT = 5;

export interface BodyReader {
  /**
   * Reads the body of a request into its context. Returns `undefined` if there is none.
   *
   * @throws AppError `payload_too_large`, `request_timeout`, `overloaded`, or `unreadable_body` for a truncated body
   */
  read(c: Context<Env>, maxBytes: number): Promise<void> | undefined;
  /**
   * Discards the body of a rejected request as long as it keeps arriving. Many clients write the whole request before
   * they read, and report a lost connection if the server closes it meanwhile. Never rejects.
   *
   * @param maxBytes maximum size of the body. Of a longer one, the rest is not read
   */
  drain(c: Context<Env>, maxBytes?: number): Promise<void>;
}

/** The properties of a body in flight that its timeouts need. All times are by `performance.now()`. */
interface Upload {
  /** When the last byte was received; `undefined` if unknown. */
  lastByteAt(now: number): number | undefined;
  /** Aborts the upload. */
  abort(): void;
}

type Watch = (upload: Upload, maxBytes: number) => ReturnType<typeof setInterval>;
type IsIdle = (upload: Upload, startedAt: number, now: number) => boolean;

/**
 * Creates a reader that reads each body once, up to the size limit of its operation. The size is that of
 * `Content-Length`, or is counted. Bodies in flight have a budget of their own, so that slow uploads leave room for
 * other requests.
 */
export function createBodyReader(limits: Partial<BodyLimits> | undefined): BodyReader {
  const { maxCount, limitMs, idleMs } = { ...BODY_LIMITS, ...limits };
  const budget = createBodyBudget(maxCount);

  /** Each body has its own timer, because on Workers a request must not touch the I/O objects of another request. */
  const watchFor =
    (idleTimeoutMs: number, isIdle: IsIdle): Watch =>
    (upload, maxBytes) => {
      const wholeMs = bodyLimitMs(limitMs, maxBytes);
      const startedAt = performance.now();
      const timer = setInterval(() => {
        const now = performance.now();
        const isLate = now - startedAt >= wholeMs || isIdle(upload, startedAt, now);
        if (!isLate) return;
        clearInterval(timer);
        upload.abort();
      }, Math.min(limitMs, idleTimeoutMs) / CHECKS_PER_TIMEOUT);
      return timer;
    };

  const watch = watchFor(idleMs, ({ lastByteAt }, startedAt, now) => {
    const crowdedSince = budget.crowdedSince();
    // If the arrival of bytes cannot be observed, the idle timeout starts when more than half of the budget is used, or
    // when the body begins if that is later.
    const lastAt = lastByteAt(now) ?? Math.max(startedAt, crowdedSince ?? now);
    return crowdedSince !== undefined && now - lastAt >= idleMs;
  });

  const watchDrain = watchFor(
    DRAIN_IDLE_MS,
    ({ lastByteAt }, startedAt, now) => now - (lastByteAt(now) ?? startedAt) >= DRAIN_IDLE_MS,
  );

  async function read(
    c: Context<Env>,
    length: number | undefined,
    maxBytes: number,
  ): Promise<ArrayBuffer> {
    const { raw } = c.req;
    // Counts by /48: if each /64 had a share, one customer could use up the whole budget.
    const network = siteOf(c.get('caller').address ?? '');
    const cost = budget.enter(network, length ?? maxBytes);
    try {
      const connection = c.env?.connection;
      return await (length !== undefined && canReadWhole(connection, budget)
        ? readWhole(raw, connection, maxBytes, watch)
        : readStream(raw.body, { maxBytes, drainedBytes: 2 * maxBytes }, watch));
    } finally {
      budget.leave(network, cost);
    }
  }

  return {
    read(c, maxBytes) {
      const length = announcedLength(c.req.raw, maxBytes);
      if (length === 0 || (length === undefined && hasNoBody(c.req.raw))) {
        c.set('body', new ArrayBuffer(0));
        return undefined;
      }
      return read(c, length, maxBytes).then((bytes) => {
        c.set('body', bytes);
      });
    },

    async drain(c, maxBytes = MAX_BODY_BYTES) {
      const { raw } = c.req;
      if (announcedLength(raw, 0) === 0 || hasNoBody(raw)) return;
      const network = siteOf(c.get('caller').address ?? '');
      const cost = budget.tryEnter(network, 0);
      if (cost === undefined) return;
      // Keeps no bytes. With a limit of 0, every body counts as too large.
      await readStream(raw.body, { maxBytes: 0, drainedBytes: maxBytes }, watchDrain).catch(
        () => {},
      );
      budget.leave(network, cost);
    },
  };
}

/** True for a request without a body, such as a logout. Such a request must not depend on the budget of bodies. */
const hasNoBody = (raw: Request): boolean =>
  !raw.headers.has('Content-Length') && !raw.headers.has('Transfer-Encoding') && raw.body === null;

/**
 * Returns the `Content-Length`, which the server enforces, or `undefined` if it is absent, invalid or above the
 * maximum.
 */
function announcedLength({ headers }: Request, maxBytes: number): number | undefined {
  const text = headers.get('Content-Length');
  if (text === null || !/^\d+$/.test(text)) return undefined;
  const length = Number(text);
  return length <= maxBytes ? length : undefined;
}

/**
 * True if a body of known length can be read in one piece, which costs far less than a stream. Its progress is then
 * visible only in the byte count of the connection. If there is no byte count, the body is read in one piece only while
 * the budget is mostly unused.
 */
const canReadWhole = (connection: Env['Bindings']['connection'], budget: BodyBudget): boolean =>
  connection !== undefined || budget.isQuiet();

function readWhole(
  raw: Request,
  connection: Env['Bindings']['connection'],
  maxBytes: number,
  watch: Watch,
): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const upload: Upload = {
      lastByteAt: connection ? lastByteOf(connection) : () => undefined,
      abort: () => reject(new AppError('request_timeout')),
    };
    const timer = watch(upload, maxBytes);
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

/** Observes the byte count of a connection. The time of the last byte is the time of the check that noticed it. */
function lastByteOf(connection: { readonly bytesRead: number }): Upload['lastByteAt'] {
  let seen = connection.bytesRead;
  let at = performance.now();
  return (now) => {
    if (connection.bytesRead !== seen) at = now;
    seen = connection.bytesRead;
    return at;
  };
}

/** How many bytes of a body are kept, and how many are read if it has more. */
interface Sizes {
  readonly maxBytes: number;
  readonly drainedBytes: number;
}

/**
 * Reads a body as a stream. Drains a body that is too large. Hono's `bodyLimit` does not drain it, and reverse proxies
 * then report a lost connection.
 */
async function readStream(
  body: Request['body'],
  { maxBytes, drainedBytes }: Sizes,
  watch: Watch,
): Promise<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  if (!body) return new ArrayBuffer(0);
  let size = 0;
  let isLate = false;
  let lastByteAt = performance.now();
  const reader = body.getReader();
  const upload: Upload = {
    lastByteAt: () => lastByteAt,
    abort() {
      isLate = true;
      // Ends the pending read; its result is irrelevant.
      reader.cancel().catch(() => {});
    },
  };
  const timer = watch(upload, maxBytes || drainedBytes);
  try {
    for (let part = await reader.read(); part.value; part = await reader.read()) {
      lastByteAt = performance.now();
      size += part.value.length;
      if (size <= maxBytes) parts.push(part.value);
      else parts.length = 0;
      if (size > Math.max(drainedBytes, MIN_DRAINED_BYTES)) {
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
