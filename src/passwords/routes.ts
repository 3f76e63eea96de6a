import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import type { Env } from '../http/env.ts';
import { setHeaders } from '../http/headers.ts';
import type { OriginOf } from '../http/origin.ts';
import { behind, createRouter } from '../http/router.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { changePasswordRoute } from './contract.ts';
import type { PasswordService } from './service.ts';

export function passwordRoutes(
  passwords: PasswordService,
  limits: RateLimits,
  requireUser: MiddlewareHandler<Env>,
  origin: OriginOf,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(changePasswordRoute, requireUser), async (c) => {
    const { current_password: currentPassword, new_password: newPassword } = c.req.valid('json');
    const user = { id: c.var.user.id, sessionId: c.var.session.id };
    setHeaders(c, await limits.changePassword(user.id));
    await passwords.change(user, { currentPassword, newPassword }, origin(c));
    return c.body(null, 204);
  });

  return router;
}
