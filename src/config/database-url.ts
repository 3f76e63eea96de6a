import { isLoopback } from '../core/loopback.ts';

/** Captures the host. A URL with user information does not match, so its host never counts as this machine. */
const HOST = /^\w+:\/\/(\[[^\]]*\]|[^/?#:@]*)(?::\d*)?(?=[/?#]|$)/;

/**
 * True if tokens, hashes and addresses would cross a network in plain text: `http://`, or `libsql://` with
 * `?tls=0`, to a host other than this machine.
 */
export function isUnencrypted(url: string): boolean {
  const [, query = ''] = url.split('?');
  const hasNoTls =
    url.startsWith('http://') ||
    (url.startsWith('libsql://') && new URLSearchParams(query).getAll('tls').includes('0'));
  return hasNoTls && !isLoopback(HOST.exec(url)?.[1] ?? '');
}
