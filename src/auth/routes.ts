import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { AppError } from '../errors.ts';
import type { Env } from '../http/env.ts';
import type { OriginOf } from '../http/origin.ts';
import { behind, createRouter } from '../http/router.ts';
import { toSignedUpUser } from '../users/user.ts';
import { logInRoute, logOutRoute, refreshRoute, signUpRoute } from './contract.ts';
import type { AuthService, SessionTokens } from './service.ts';

export function authRoutes(
  auth: AuthService,
  requireUser: MiddlewareHandler<Env>,
  origin: OriginOf,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(signUpRoute), async (c) => {
    const user = await auth.signUp(c.req.valid('json'), origin(c));
    return c.json(toSignedUpUser(user), 201);
  });

  router.openapi(behind(logInRoute), async (c) => {
    const { username, password } = c.req.valid('form');
    const login = await auth.logIn(username, password, origin(c));
    if (!login) throw new AppError('wrong_email_or_password');
    return c.json(toToken(login), 200);
  });

  router.openapi(behind(refreshRoute), async (c) => {
    const tokens = await auth.refresh(c.req.valid('json').refresh_token, origin(c));
    return c.json(toToken(tokens), 200);
  });

  router.openapi(behind(logOutRoute, requireUser), async (c) => {
    await auth.logOut(c.var.user, c.var.session.id, origin(c));
    return c.body(null, 204);
  });

  return router;
}

/** RFC 6749 section 5.1. */
const toToken = ({ accessToken, refreshToken, expiresIn }: SessionTokens) => ({
  access_token: accessToken,
  token_type: 'bearer' as const,
  expires_in: expiresIn,
  refresh_token: refreshToken,
});
