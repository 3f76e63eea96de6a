import { isLoopback } from '../core/loopback.ts';

/** Up to the port. A URL with user information has no match, and so no host that counts as this machine. */
const HOST = /^\w+:\/\/(\[[^\]]*\]|[^/?#:@]*)(?::\d*)?(?=[/?#]|$)/;

/**
 * True if the token, the hashes and the addresses would cross a network as plain text: `http://`, or
 * `libsql://` with `?tls=0`, to a host that is not this machine.
 */
export function isUnencrypted(url: string): boolean {
  const [, query = ''] = url.split('?');
  const hasNoTls =
    url.startsWith('http://') ||
    (url.startsWith('libsql://') && new URLSearchParams(query).getAll('tls').includes('0'));
  return hasNoTls && !isLoopback(HOST.exec(url)?.[1] ?? '');
}
