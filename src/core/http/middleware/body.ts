import type { RouteConfig } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { AppError } from '../../errors.ts';
import type { Env } from '../env.ts';

/** A login form: bigger ones are refused before they are parsed. */
const MAX_FORM_BYTES = 16 * 1024;
const MAX_FORM_FIELDS = 16;

const FORM = 'application/x-www-form-urlencoded';
const PERCENT_ENCODED = /(?:%[0-9a-f]{2})+/gi;

/** Without `fatal`, all that is no UTF-8 becomes U+FFFD: different passwords would be the same. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

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
