import { AppError } from '../../errors.ts';
import type { Step } from './in-order.ts';

/**
 * Rejects a login that a foreign page sends from the user's browser, which would log the user in to the
 * attacker's account (OWASP: login CSRF). Browsers send the origin of the page in `Origin`; native apps and
 * programs send none. Runs before the body is read and before the login limits count.
 *
 * @param origins allowed origins, in addition to the host's own
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
 * Compares host and port but not the scheme, which differs behind a proxy that terminates TLS. `null`, lists and
 * anything else that is not a web origin match no host.
 *
 * @param host a `Host` field, with or without the default port of the scheme
 */
function isOfHost(origin: string, host: string): boolean {
  const [, scheme, ownHost] = /^(https?:)\/\/([^/?#@\\]+)$/.exec(origin) ?? [];
  const url = `${scheme}//${host}`;
  return ownHost !== undefined && URL.canParse(url) && new URL(url).host === ownHost;
}
