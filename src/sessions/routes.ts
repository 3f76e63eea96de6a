import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { Env } from '../http/env.ts';
import type { OriginOf } from '../http/origin.ts';
import { behind, createRouter } from '../http/router.ts';
import { endSessionRoute, endSessionsRoute, listSessionsRoute } from './contract.ts';
import type { SessionService } from './service.ts';
import type { Session } from './session.ts';

export function sessionRoutes(
  sessions: SessionService,
  requireUser: MiddlewareHandler<Env>,
  origin: OriginOf,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(listSessionsRoute, requireUser), async (c) => {
    const { id: current } = c.var.session;
    const list = await sessions.list(c.var.user.id);
    return c.json({ sessions: list.map((session) => toView(session, current)) }, 200);
  });

  router.openapi(behind(endSessionRoute, requireUser), async (c) => {
    await sessions.end(c.req.valid('param').id, c.var.user.id, origin(c));
    return c.body(null, 204);
  });

  router.openapi(behind(endSessionsRoute, requireUser), async (c) => {
    const except = c.req.valid('query').all === 'true' ? undefined : c.var.session.id;
    await sessions.endAll(c.var.user.id, except, origin(c));
    return c.body(null, 204);
  });

  return router;
}

const time = (milliseconds: number): string => new Date(milliseconds).toISOString();

const toView = (session: Session, current: string) => ({
  id: session.id,
  current: session.id === current,
  created_at: time(session.createdAt),
  last_used_at: time(session.lastUsedAt),
  expires_at: time(session.expiresAt),
  method: session.method,
  user_agent: session.userAgent,
  address: session.address,
});
