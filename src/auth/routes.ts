import type { OpenAPIHono } from '@hono/zod-openapi';
import { AppError } from '../errors.ts';
import type { Env } from '../http/env.ts';
import { behind, createRouter } from '../http/router.ts';
import { toSignedUpUser } from '../users/user.ts';
import { logInRoute, signUpRoute } from './contract.ts';
import type { AuthService } from './service.ts';

export function authRoutes(auth: AuthService): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(signUpRoute), async (c) => {
    const user = await auth.signUp(c.req.valid('json'));
    return c.json(toSignedUpUser(user), 201);
  });

  router.openapi(behind(logInRoute), async (c) => {
    const { username, password } = c.req.valid('form');
    const login = await auth.logIn(username, password);
    if (!login) throw new AppError('wrong_email_or_password');
    const { accessToken, expiresIn } = login;
    return c.json(
      { access_token: accessToken, token_type: 'bearer' as const, expires_in: expiresIn },
      200,
    );
  });

  return router;
}
