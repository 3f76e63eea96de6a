const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i;

/**
 * True for `localhost`, 127.0.0.0/8 (RFC 1122, section 3.2.1.3) and `::1`, also in the brackets of a URL.
 * Any other spelling of such an address counts as one that the network can reach.
 */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);
