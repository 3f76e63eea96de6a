import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { AppError } from '../../errors.ts';
import type { Env } from '../env.ts';

/**
 * Refuses a body of any other media type. For forms only: zod-openapi by itself takes a multipart body
 * where a URL-encoded one is documented.
 */
export const onlyMediaType = (mediaType: string): MiddlewareHandler<Env> =>
  createMiddleware<Env>(async (c, next) => {
    const essence = c.req.header('Content-Type')?.split(';')[0]?.trim().toLowerCase();
    if (essence && essence !== mediaType) throw new AppError('unsupported_media_type');
    await next();
  });
