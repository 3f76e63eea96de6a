import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { AppError } from '../../core/errors.ts';
import { json, setHeaders } from '../../core/http/answer.ts';
import type { CallerOf } from '../../core/http/caller.ts';
import type { Env } from '../../core/http/env.ts';
import { behind, createRouter } from '../../core/http/router.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { toToken } from '../sessions/issuer.ts';
import { changePasswordRoute, logInRoute } from './contract.ts';
import type { PasswordLogIn } from './log-in.ts';
import type { PasswordService } from './service.ts';

export function passwordRoutes(
  passwordLogIn: PasswordLogIn,
  passwords: PasswordService,
  limits: RateLimits,
  requireUser: MiddlewareHandler<Env>,
  callerOf: CallerOf,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(logInRoute), async (c) => {
    const { username, password } = c.req.valid('form');
    const caller = callerOf(c);
    setHeaders(c, await limits.logIn(username, caller.address));
    const login = await passwordLogIn.logIn(username, password, caller);
    if (!login) throw new AppError('wrong_email_or_password');
    return json(c, toToken(login), 200);
  });

  router.openapi(behind(changePasswordRoute, requireUser), async (c) => {
    const { current_password: currentPassword, new_password: newPassword } = c.req.valid('json');
    const user = { id: c.get('user').id, sessionId: c.get('session').id };
    setHeaders(c, await limits.changePassword(user.id));
    const tokens = await passwords.change(user, { currentPassword, newPassword }, callerOf(c));
    return json(c, toToken(tokens), 200);
  });

  return router;
}
