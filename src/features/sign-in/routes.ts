import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { AppError } from '../../core/errors.ts';
import { empty, json, setHeaders } from '../../core/http/answer.ts';
import type { CallerOf } from '../../core/http/caller.ts';
import type { Env } from '../../core/http/env.ts';
import { behind, createRouter } from '../../core/http/router.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { toToken } from '../sessions/issuer.ts';
import { toSignedUpUser } from '../users/user.ts';
import { logInRoute, logOutRoute, refreshRoute, signUpRoute } from './contract.ts';
import type { AuthService } from './service.ts';

export function authRoutes(
  auth: AuthService,
  limits: RateLimits,
  onlyTokens: MiddlewareHandler<Env>,
  caller: CallerOf,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(signUpRoute), async (c) => {
    const from = caller(c);
    setHeaders(c, await limits.signUp(from.address));
    const user = await auth.signUp(c.req.valid('json'), from);
    return json(c, toSignedUpUser(user), 201);
  });

  router.openapi(behind(logInRoute), async (c) => {
    const { username, password } = c.req.valid('form');
    const from = caller(c);
    setHeaders(c, await limits.logIn(username, from.address));
    const login = await auth.logIn(username, password, from);
    if (!login) throw new AppError('wrong_email_or_password');
    return json(c, toToken(login), 200);
  });

  router.openapi(behind(refreshRoute), async (c) => {
    const { limit, ...tokens } = await auth.refresh(c.req.valid('json').refresh_token, caller(c));
    setHeaders(c, limit);
    return json(c, toToken(tokens), 200);
  });

  router.openapi(behind(logOutRoute, onlyTokens), async (c) => {
    await auth.logOut(c.get('claims'), caller(c));
    return empty(c, 204);
  });

  return router;
}
