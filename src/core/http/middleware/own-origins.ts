import { AppError } from '../../errors.ts';
import type { Step } from './in-order.ts';

/**
 * Rejects a login that a foreign page sends from the user's browser, which would leave the user logged in
 * to an account of the attacker (OWASP: login CSRF). A browser names the page in `Origin`; apps and
 * programs send none. Stands before the body and the limits of names.
 *
 * @param origins pages that may log in besides those of this host
 * @throws AppError `origin_refused`
 */
export const onlyOwnOrigins = (origins: readonly string[]): Step => {
  const known = new Set(origins);
  return (c) => {
    const origin = c.req.header('Origin');
    if (origin === undefined || known.has(origin)) return;
    if (!isOfHost(origin, c.req.header('Host') ?? new URL(c.req.url).host)) {
      throw new AppError('origin_refused');
    }
  };
};

/**
 * Compares host and port, and not the scheme: behind a proxy that ends TLS, ours is another. `null`, lists
 * and anything else that is no web origin belongs to no host.
 *
 * @param host a `Host` field; the port of the origin's scheme may stand in it or not
 */
function isOfHost(origin: string, host: string): boolean {
  const [, scheme, ownHost] = /^(https?:)\/\/([^/?#@\\]+)$/.exec(origin) ?? [];
  const url = `${scheme}//${host}`;
  return ownHost !== undefined && URL.canParse(url) && new URL(url).host === ownHost;
}
