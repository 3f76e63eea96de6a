import type { Buffer } from 'node:buffer';

/** The state of an HTTP/1.1 response (RFC 9112): its status, once it is complete. */
export type Framing = { readonly status: number } | 'incomplete';

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';

/**
 * Checks whether a response is complete. A connection has one request in flight at a time, so the bytes belong to one
 * response.
 *
 * @throws Error if the response has no length, or bytes follow it
 */
export function frame(bytes: Buffer): Framing {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return 'incomplete';
  const head = bytes.toString('latin1', 0, headEnd);
  const status = Number(head.slice(9, 12));
  const bodyLength = bytes.length - headEnd - HEAD_END.length;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    if (bodyLength > Number(length)) throw new Error('bytes after the end of a response');
    return bodyLength === Number(length) ? { status } : 'incomplete';
  }
  if (status === 204 || status === 304) return { status };
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) {
    throw new Error(`a response without a length: ${head.slice(0, 200)}`);
  }
  return bytes.toString('latin1', bytes.length - LAST_CHUNK.length, bytes.length) === LAST_CHUNK
    ? { status }
    : 'incomplete';
}
