import type { Buffer } from 'node:buffer';

/** Where an HTTP/1.1 response (RFC 9112) is: its status once it is whole. */
export type Framing = { readonly status: number } | 'incomplete';

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';

/**
 * Looks whether a response is whole. One request is on its way at a time, so the bytes are those of one
 * response and nothing follows it.
 *
 * @throws Error where the length cannot be told, or there is more than one response
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
