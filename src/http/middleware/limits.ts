import { createMiddleware } from 'hono/factory';
import { AppError } from '../../errors.ts';
import type { Env } from '../env.ts';

const MAX_BODY_BYTES = 64 * 1024;
/** How much of a refused body is read before the answer. */
const MAX_DRAINED_BYTES = 1024 * 1024;
const MAX_URI_LENGTH = 4096;

/** Refuses an address no operation of ours could have. */
export const limitUri = createMiddleware<Env>(async (c, next) => {
  const { url } = c.req;
  if (url.length - url.indexOf('/', 'https://'.length) > MAX_URI_LENGTH) {
    throw new AppError('uri_too_long');
  }
  await next();
});

/**
 * Refuses a body of more than 64 KB, announced or counted as it comes in. Hono's own middleware answers
 * without reading on, which some servers in front of us take for a lost connection; this one reads a
 * bounded part of the rest first, so that the answer arrives.
 */
export const limitBody = createMiddleware<Env>(async (c, next) => {
  const { raw } = c.req;
  if (!raw.body) return next();
  const announced = raw.headers.has('Transfer-Encoding') ? null : raw.headers.get('Content-Length');
  if (announced !== null && Number(announced) <= MAX_BODY_BYTES) return next();

  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = raw.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size <= MAX_BODY_BYTES) chunks.push(value);
    if (size > MAX_DRAINED_BYTES) {
      await reader.cancel();
      break;
    }
  }
  if (size > MAX_BODY_BYTES) throw new AppError('payload_too_large');
  c.req.raw = new Request(raw, { body: new Blob(chunks) });
  return next();
});
