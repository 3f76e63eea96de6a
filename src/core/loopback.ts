const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i;

/**
 * True for `localhost`, 127.0.0.0/8 (RFC 1122, section 3.2.1.3) and `::1`, with or without the brackets of a
 * URL. Any other spelling of a loopback address counts as reachable from the network.
 */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/**
 * Returns the URL at which a user reaches a server that listens on `host`. For the any-address, this is `localhost`.
 */
export function urlOf(host: string, port: number | string): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
