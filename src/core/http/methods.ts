import type { Hono } from 'hono';
import { AppError } from '../errors.ts';
import { answer, redirect } from './answer.ts';
import type { Env } from './env.ts';

/**
 * Adds to each path the responses for which Hono would send 404: for an unsupported method, 405 with `Allow` (RFC 9110
 * section 15.5.6); for `OPTIONS`, 204 with `Allow`; for `GET` with a trailing slash, a 308 to the path without it. Call
 * it after all routes are registered.
 *
 * @param prefixOf returns what a proxy in front removes from a path
 */
export function answerOtherMethods(app: Hono<Env>, prefixOf: (path: string) => string): void {
  const methodsByPath = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === 'ALL') continue;
    const methods = methodsByPath.get(path) ?? new Set();
    methodsByPath.set(path, methods.add(method.toUpperCase()));
  }
  for (const [path, methods] of methodsByPath) {
    const isReadable = methods.has('GET');
    if (isReadable) methods.add('HEAD');
    const allow = [...methods, 'OPTIONS'].sort().join(', ');
    app.options(path, (c) => answer(c, null, 204, { Allow: allow }));
    app.all(path, () => {
      throw new AppError('method_not_allowed', { headers: { Allow: allow } });
    });
    if (!isReadable || path === '/') continue;
    app.get(`${path}/`, (c) => {
      const { pathname, search } = new URL(c.req.url);
      return redirect(c, `${prefixOf(path)}${pathname.slice(0, -1)}${search}`, 308);
    });
  }
}
