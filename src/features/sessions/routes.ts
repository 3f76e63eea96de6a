import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { empty, json, setHeaders } from '../../core/http/answer.ts';
import type { CallerOf } from '../../core/http/caller.ts';
import type { Env } from '../../core/http/env.ts';
import { behind, createRouter } from '../../core/http/router.ts';
import { formatNetwork } from '../../core/network.ts';
import { isoTime } from '../../core/time.ts';
import { endSessionRoute, endSessionsRoute, listSessionsRoute } from './contract.ts';
import { toToken } from './issuer.ts';
import type { SessionService } from './service.ts';
import type { Session } from './session.ts';
import { logOutRoute, refreshRoute } from './token-contract.ts';

interface Guards {
  readonly onlyTokens: MiddlewareHandler<Env>;
  readonly onlyUsers: MiddlewareHandler<Env>;
}

export function sessionRoutes(
  sessions: SessionService,
  { onlyTokens, onlyUsers }: Guards,
  callerOf: CallerOf,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(refreshRoute), async (c) => {
    const { limit, ...tokens } = await sessions.refresh(
      c.req.valid('json').refresh_token,
      callerOf(c),
    );
    setHeaders(c, limit);
    return json(c, toToken(tokens), 200);
  });

  router.openapi(behind(logOutRoute, onlyTokens), async (c) => {
    await sessions.logOut(c.get('claims'), callerOf(c));
    return empty(c, 204);
  });

  router.openapi(behind(listSessionsRoute, onlyUsers), async (c) => {
    const { id: current } = c.get('session');
    const list = await sessions.list(c.get('user').id);
    return json(c, { sessions: list.map((session) => toView(session, current)) }, 200);
  });

  router.openapi(behind(endSessionRoute, onlyUsers), async (c) => {
    await sessions.end(c.req.valid('param').id, c.get('user').id, callerOf(c));
    return empty(c, 204);
  });

  router.openapi(behind(endSessionsRoute, onlyUsers), async (c) => {
    const except = c.req.valid('query').all === 'true' ? undefined : c.get('session').id;
    await sessions.endAll(c.get('user').id, except, callerOf(c));
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
