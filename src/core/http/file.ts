import type { Context } from 'hono';
import { AppError } from '../errors.ts';
import type { StoredFile } from '../ports.ts';
import { answer } from './answer.ts';
import type { Env } from './env.ts';
import type { Head } from './head.ts';
import { rangeOf } from './range.ts';

/**
 * Creates the response of a file: the whole, or the range that a GET asks for (RFC 9110 section 14). `headers` must have
 * the strong `ETag` of the file.
 *
 * @throws AppError `range_not_satisfiable`
 */
export function fileAnswer(
  c: Context<Env>,
  { type, bytes }: StoredFile,
  headers: Readonly<Head> & { readonly ETag: string },
): Response {
  const head = { ...headers, 'Content-Type': type, 'Accept-Ranges': 'bytes' };
  const size = bytes.length;
  const range = isRangeWanted(c, headers.ETag) ? rangeOf(c.req.header('Range'), size) : undefined;
  if (range === undefined) return answer(c, bytes, 200, head);
  if (range === 'unsatisfiable') {
    throw new AppError('range_not_satisfiable', {
      headers: { 'Accept-Ranges': 'bytes', 'Content-Range': `bytes */${size}` },
    });
  }
  const { first, last } = range;
  return answer(c, bytes.subarray(first, last + 1), 206, {
    ...head,
    'Content-Range': `bytes ${first}-${last}/${size}`,
  });
}

/** A range has a meaning for GET only. `If-Range` with anything but the entity tag asks for the whole file. */
function isRangeWanted(c: Context<Env>, etag: string): boolean {
  const condition = c.req.header('If-Range');
  return c.req.raw.method === 'GET' && (condition === undefined || condition.trim() === etag);
}
