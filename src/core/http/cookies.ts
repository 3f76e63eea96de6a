import type { Context } from 'hono';
import { parse, serialize } from 'hono/utils/cookie';
import type { Env } from './env.ts';

/** A cookie of this host only, which scripts cannot read. */
export interface HostCookie {
  readonly name: string;
  /** `undefined` if the browser has sent none. */
  read(c: Pick<Context<Env>, 'req'>): string | undefined;
  /**
   * Returns the value of `Set-Cookie`.
   *
   * @param maxAge in seconds; `undefined` for a cookie that ends with the browser
   */
  set(value: string, maxAge?: number): string;
  /** Returns the value of `Set-Cookie` that deletes it. */
  clear(): string;
}

/**
 * Creates a cookie with the prefix `__Host-` (RFC 6265bis section 4.1.3.2): a browser accepts it over HTTPS from this
 * very host only, so that no subdomain can plant one.
 *
 * @param isSecure false for plain HTTP in development, where browsers reject the prefix
 */
export function createHostCookie(name: string, isSecure: boolean): HostCookie {
  const full = isSecure ? `__Host-${name}` : name;
  const options = { path: '/', httpOnly: true, sameSite: 'Lax', secure: isSecure } as const;
  return {
    name: full,
    read: (c) => parse(c.req.header('Cookie') ?? '', full)[full],
    set: (value, maxAge) =>
      serialize(full, value, maxAge === undefined ? options : { ...options, maxAge }),
    clear: () => serialize(full, '', { ...options, maxAge: 0 }),
  };
}
