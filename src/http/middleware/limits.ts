import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { AppError } from '../../errors.ts';
import type { Env } from '../env.ts';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_URI_LENGTH = 4096;

/** Refuses an address no operation of ours could have. */
export const limitUri = createMiddleware<Env>(async (c, next) => {
  const { url } = c.req;
  if (url.length - url.indexOf('/', 'https://'.length) > MAX_URI_LENGTH) {
    throw new AppError('uri_too_long');
  }
  await next();
});

/** Refuses a body of more than 64 KB, announced or counted as it comes in. */
export const limitBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new AppError('payload_too_large');
  },
});
