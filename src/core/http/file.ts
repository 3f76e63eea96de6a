import type { Context } from 'hono';
import { AppError } from '../errors.ts';
import type { HeldFile, StoredFile } from '../ports.ts';
import { answer, dropCallerHeaders } from './answer.ts';
import type { Env } from './env.ts';
import type { Head } from './head.ts';
import { rangeOf } from './range.ts';

/** Bytes that a held file is sent in at a time, and up to which it is sent at once. */
const PART_BYTES = 64 * 1024;

/**
 * Creates the response of a file: the whole, or the range that a GET asks for (RFC 9110 section 14). `headers` must have
 * the strong `ETag` of the file. A file with `release` is released when it is sent or its client is gone.
 * Public caches may keep it, so it tells nothing about its caller.
 *
 * @throws AppError `range_not_satisfiable`
 */
export function fileAnswer(
  c: Context<Env>,
  file: StoredFile & Partial<HeldFile>,
  headers: Readonly<Head> & { readonly ETag: string },
): Response {
  const { type, bytes, release } = file;
  const head = { ...headers, 'Content-Type': type, 'Accept-Ranges': 'bytes' };
  const size = bytes.length;
  const range = isRangeWanted(c, headers.ETag) ? rangeOf(c.req.header('Range'), size) : undefined;
  if (range === 'unsatisfiable') {
    release?.();
    throw new AppError('range_not_satisfiable', {
      headers: { 'Accept-Ranges': 'bytes', 'Content-Range': `bytes */${size}` },
    });
  }
  dropCallerHeaders(c);
  if (range === undefined) return bytesAnswer(c, file, 200, head);
  const { first, last } = range;
  return bytesAnswer(c, { bytes: bytes.subarray(first, last + 1), release }, 206, {
    ...head,
    'Content-Range': `bytes ${first}-${last}/${size}`,
  });
}

function bytesAnswer(
  c: Context<Env>,
  { bytes, release }: Pick<StoredFile, 'bytes'> & { readonly release?: (() => void) | undefined },
  status: 200 | 206,
  head: Head,
): Response {
  if (release && c.req.raw.method === 'GET' && bytes.length > PART_BYTES) {
    const length = { 'Content-Length': String(bytes.length) };
    return answer(c, streamOf(bytes, release), status, { ...head, ...length });
  }
  release?.();
  return answer(c, bytes, status, head);
}

/** Copies each part, so that the last one, which may wait for its client, does not keep the whole file in memory. */
function streamOf(bytes: Uint8Array<ArrayBuffer>, release: () => void): ReadableStream {
  let at = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      pull(controller) {
        controller.enqueue(bytes.slice(at, at + PART_BYTES));
        at += PART_BYTES;
        if (at < bytes.length) return;
        controller.close();
        release();
      },
      cancel: release,
    },
    { highWaterMark: 0 },
  );
}

/** A range has a meaning for GET only. `If-Range` with anything but the entity tag asks for the whole file. */
function isRangeWanted(c: Context<Env>, etag: string): boolean {
  const condition = c.req.header('If-Range');
  return c.req.raw.method === 'GET' && (condition === undefined || condition.trim() === etag);
}
