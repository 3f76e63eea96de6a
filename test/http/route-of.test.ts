import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { Env } from '../../src/core/http/env.ts';
import { createRouteOf } from '../../src/core/http/middleware/access-log.ts';
import { listedMethod } from '../../src/core/metrics/metrics.ts';

test('[S85] no caller makes the cache of patterns grow: only listed methods of routes are kept', async () => {
  const patterns = new Set<string>();
  const routeOf = createRouteOf(patterns);
  const routes: string[] = [];
  const app = new Hono<Env>();
  app.use('*', async (c, next) => {
    await next();
    routes.push(routeOf(c, listedMethod(c.req.method)));
  });
  app.all('/users', (c) => c.body(null));
  app.get('/users/:id', (c) => c.body(null));
  for (let i = 0; i < 50; i++) {
    for (const path of ['/users', `/users/${i}`, '/*', '/users/*', `/${i}`]) {
      await app.request(path, { method: `METHOD-${i}` });
      await app.request(path);
    }
  }
  expect(new Set(routes)).toEqual(new Set(['/users', '/users/:id', '/*']));
  expect([...patterns]).toEqual(['GET /users']);
});
