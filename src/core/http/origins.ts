import type { HonoRequest } from 'hono';

/** The web origins whose pages may read responses and log in. */
export interface AllowedOrigins {
  has(origin: string): boolean;
}

/** An `http` or `https` origin (RFC 6454). Captures the scheme, and the host with the port. */
const WEB_ORIGIN = /^(https?:)\/\/([^/?#@\\]+)$/;

const LOOPBACK_ORIGIN = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

/**
 * @param listed exact origins
 * @param allowsLoopback true to allow any port of `localhost`, `127.0.0.1` and `[::1]` as well: a development
 *   server such as Vite picks its own port
 */
export function allowedOrigins(listed: readonly string[], allowsLoopback: boolean): AllowedOrigins {
  const exact = new Set(listed);
  return {
    has: (origin) => exact.has(origin) || (allowsLoopback && LOOPBACK_ORIGIN.test(origin)),
  };
}

/**
 * True for an origin of the host that the request was sent to. Compares host and port, not the scheme: behind a proxy
 * that terminates TLS, the two schemes differ. `null`, lists and other schemes never match.
 */
export function isOwnOrigin(origin: string, request: Pick<HonoRequest, 'header' | 'url'>): boolean {
  const host = request.header('Host') ?? new URL(request.url).host;
  const [, scheme, ownHost] = WEB_ORIGIN.exec(origin) ?? [];
  const url = `${scheme}//${host}`;
  return ownHost !== undefined && URL.canParse(url) && new URL(url).host === ownHost;
}
