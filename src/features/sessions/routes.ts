import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { empty, json } from '../../core/http/answer.ts';
import type { CallerOf } from '../../core/http/caller.ts';
import type { Env } from '../../core/http/env.ts';
import { behind, createRouter } from '../../core/http/router.ts';
import { formatNetwork } from '../../core/network.ts';
import { isoTime } from '../../core/time.ts';
import { endSessionRoute, endSessionsRoute, listSessionsRoute } from './contract.ts';
import type { SessionService } from './service.ts';
import type { Session } from './session.ts';

export function sessionRoutes(
  sessions: SessionService,
  requireUser: MiddlewareHandler<Env>,
  caller: CallerOf,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(listSessionsRoute, requireUser), async (c) => {
    const { id: current } = c.get('session');
    const list = await sessions.list(c.get('user').id);
    return json(c, { sessions: list.map((session) => toView(session, current)) }, 200);
  });

  router.openapi(behind(endSessionRoute, requireUser), async (c) => {
    await sessions.end(c.req.valid('param').id, c.get('user').id, caller(c));
    return empty(c, 204);
  });

  router.openapi(behind(endSessionsRoute, requireUser), async (c) => {
    const except = c.req.valid('query').all === 'true' ? undefined : c.get('session').id;
    await sessions.endAll(c.get('user').id, except, caller(c));
    return empty(c, 204);
  });

  return router;
}

const toView = (session: Session, current: string) => ({
  id: session.id,
  current: session.id === current,
  created_at: isoTime(session.createdAt),
  last_used_at: isoTime(session.lastUsedAt),
  expires_at: isoTime(session.expiresAt),
  method: session.method,
  user_agent: session.userAgent,
  address: session.address,
  last_network: session.lastNetwork === null ? null : formatNetwork(session.lastNetwork),
});
