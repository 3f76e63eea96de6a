import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { json, setHeaders } from '../../core/http/answer.ts';
import type { CallerOf } from '../../core/http/caller.ts';
import type { Env } from '../../core/http/env.ts';
import { behind, createRouter } from '../../core/http/router.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { toToken } from '../sessions/issuer.ts';
import { changePasswordRoute } from './contract.ts';
import type { PasswordService } from './service.ts';

export function passwordRoutes(
  passwords: PasswordService,
  limits: RateLimits,
  requireUser: MiddlewareHandler<Env>,
  caller: CallerOf,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(changePasswordRoute, requireUser), async (c) => {
    const { current_password: currentPassword, new_password: newPassword } = c.req.valid('json');
    const user = { id: c.get('user').id, sessionId: c.get('session').id };
    setHeaders(c, await limits.changePassword(user.id));
    const tokens = await passwords.change(user, { currentPassword, newPassword }, caller(c));
    return json(c, toToken(tokens), 200);
  });

  return router;
}
