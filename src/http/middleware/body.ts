import type { RouteConfig } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { AppError } from '../../errors.ts';
import { networkOf } from '../../limits/address.ts';
import type { Env } from '../env.ts';
import { addressOf } from '../origin.ts';
import type { Step } from './in-order.ts';

const MAX_BODY_BYTES = 64 * 1024;
/** How long a body may take to come in: at 64 KB, the pace of a very poor line. */
const BODY_LIMIT_MS = 30_000;
/** Bodies come in within milliseconds: so many at once are a crowd, or somebody who holds them back. */
const MAX_BODIES_PER_NETWORK = 128;
/** How much of a refused body is read before the answer. */
const MAX_DRAINED_BYTES = 1024 * 1024;

/** A login form: bigger ones are refused before they are parsed. */
const MAX_FORM_BYTES = 16 * 1024;
const MAX_FORM_FIELDS = 16;

const FORM = 'application/x-www-form-urlencoded';
const PERCENT_ENCODED = /(?:%[0-9a-f]{2})+/gi;

/** Without `fatal`, all that is no UTF-8 becomes U+FFFD: different passwords would be the same. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

interface BodyOptions {
  /** How long a body may take to come in, in milliseconds. */
  readonly limitMs?: number | undefined;
  /** How many proxies stand in front. */
  readonly trustedProxyHops: number;
}

/**
 * Reads the body, once, for whoever needs it: up to 64 KB, announced or counted as it comes in. Of one
 * network so many may be on their way at once: each holds one of our places while it trickles in.
 *
 * @throws AppError `payload_too_large`, `request_timeout`, `overloaded`, or `unreadable_body` for what
 * breaks off
 */
export function readBody({ limitMs = BODY_LIMIT_MS, trustedProxyHops }: BodyOptions): Step {
  const onTheirWay = new Map<string, number>();

  async function read(raw: Request, caller: string): Promise<ArrayBuffer> {
    const others = onTheirWay.get(caller) ?? 0;
    if (others >= MAX_BODIES_PER_NETWORK && caller !== '') throw new AppError('overloaded');
    onTheirWay.set(caller, others + 1);
    try {
      return await (isAnnounced(raw) ? readWhole(raw, limitMs) : readStream(raw.body, limitMs));
    } finally {
      const left = (onTheirWay.get(caller) ?? 1) - 1;
      if (left > 0) onTheirWay.set(caller, left);
      else onTheirWay.delete(caller);
    }
  }

  return (c) => {
    const { raw } = c.req;
    if (raw.method === 'GET' || raw.method === 'HEAD') return undefined;
    const caller = networkOf(addressOf(c, trustedProxyHops) ?? '');
    return read(raw, caller).then((bytes) => {
      c.set('body', bytes);
    });
  };
}

/**
 * Refuses a body of a media type that the operation does not document, one that is no UTF-8, and a form of
 * more than 16 KB or 16 fields.
 * zod-openapi by itself takes any JSON for any other, multipart for a URL-encoded form, and nothing at all
 * for a body that is required.
 */
export function onlyDocumentedBody({
  request,
}: Pick<RouteConfig, 'request'>): MiddlewareHandler<Env> {
  const documented = new Set(Object.keys(request?.body?.content ?? {}));
  return createMiddleware<Env>(async (c, next) => {
    const given = c.req.header('Content-Type') ?? '';
    const mediaType = given.split(';')[0]?.trim().toLowerCase() ?? '';
    if (!documented.has(mediaType)) throw new AppError('unsupported_media_type');
    const bytes = c.get('body');
    const text = mediaType === FORM ? decodeForm(bytes) : decode(bytes);
    // Where Hono looks for what it has read already.
    Object.assign(c.req.bodyCache, {
      arrayBuffer: Promise.resolve(bytes),
      text: Promise.resolve(text),
    });
    // Parameters have no say in these types, and some spellings of them are refused further on.
    if (given !== mediaType) c.req.raw = withMediaType(c.req.raw, mediaType);
    return await next();
  });
}

/** The same request as far as it is still asked: its body has been read. */
function withMediaType(raw: Request, mediaType: string): Request {
  const headers = new Headers(raw.headers);
  headers.set('Content-Type', mediaType);
  return new Request(raw.url, { method: raw.method, headers });
}

/** Whether the request says how long its body is, and that is not too long: the server keeps it to its word. */
const isAnnounced = ({ headers }: Request): boolean => {
  const length = headers.get('Content-Length');
  return length !== null && /^\d+$/.test(length) && Number(length) <= MAX_BODY_BYTES;
};

/** Reads an announced body in one piece. On Node a stream of it costs more than the rest of such a request. */
function readWhole(raw: Request, limitMs: number): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new AppError('request_timeout')), limitMs);
    raw.arrayBuffer().then(
      (bytes) => {
        clearTimeout(limit);
        if (bytes.byteLength > MAX_BODY_BYTES) reject(new AppError('payload_too_large'));
        else resolve(bytes);
      },
      (cause: unknown) => {
        clearTimeout(limit);
        reject(new AppError('unreadable_body', { cause }));
      },
    );
  });
}

/** Hono's own `bodyLimit` answers without reading on, which servers in front take for a lost connection. */
async function readStream(body: Request['body'], limitMs: number): Promise<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  if (!body) return new ArrayBuffer(0);
  let size = 0;
  let isLate = false;
  const reader = body.getReader();
  const limit = setTimeout(() => {
    isLate = true;
    // Ends the read below. Whether the sender hears of it is no matter of ours.
    reader.cancel().catch(() => {});
  }, limitMs);
  try {
    for (let part = await reader.read(); part.value; part = await reader.read()) {
      size += part.value.length;
      if (size <= MAX_BODY_BYTES) parts.push(part.value);
      if (size > MAX_DRAINED_BYTES) {
        await reader.cancel();
        break;
      }
    }
  } catch (cause) {
    throw new AppError(isLate ? 'request_timeout' : 'unreadable_body', { cause });
  } finally {
    clearTimeout(limit);
  }
  if (isLate) throw new AppError('request_timeout');
  if (size > MAX_BODY_BYTES) throw new AppError('payload_too_large');
  return new Blob(parts).arrayBuffer();
}

function decode(bytes: ArrayBuffer): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new AppError('unreadable_body', { cause });
  }
}

function decodeForm(bytes: ArrayBuffer): string {
  if (bytes.byteLength > MAX_FORM_BYTES) throw new AppError('payload_too_large');
  const form = decode(bytes);
  if (form.split('&', MAX_FORM_FIELDS + 1).length > MAX_FORM_FIELDS) {
    const message = `must have at most ${MAX_FORM_FIELDS} fields`;
    throw new AppError('validation_failed', {
      fields: [{ pointer: '#', code: 'too_many_fields', message }],
    });
  }
  try {
    // `decodeURIComponent` refuses what is no UTF-8; `URLSearchParams` would make it U+FFFD.
    for (const [encoded] of form.matchAll(PERCENT_ENCODED)) decodeURIComponent(encoded);
  } catch (cause) {
    throw new AppError('unreadable_body', { cause });
  }
  return form;
}
