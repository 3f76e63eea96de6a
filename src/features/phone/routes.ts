import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { AppError } from '../../core/errors.ts';
import { json, setHeaders } from '../../core/http/answer.ts';
import type { CallerOf } from '../../core/http/caller.ts';
import type { Env } from '../../core/http/env.ts';
import { behind, createRouter } from '../../core/http/router.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { PasswordLogIn } from '../passwords/log-in.ts';
import type { Login } from '../sign-in/service.ts';
import type { SignUpService } from '../sign-up/service.ts';
import { toKpaUser } from '../users/user.ts';
import { kpaLogInRoute, kpaProfileRoute, kpaSignUpRoute } from './contract.ts';

/** The phone contract: the same accounts and rules in its own words. */
export function kpaRoutes(
  signUp: SignUpService,
  passwordLogIn: PasswordLogIn,
  limits: RateLimits,
  requireUser: MiddlewareHandler<Env>,
  callerOf: CallerOf,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(kpaSignUpRoute), async (c) => {
    const caller = callerOf(c);
    setHeaders(c, await limits.signUp(caller.address));
    const login = await signUp.signUpAndLogIn(c.req.valid('json'), caller);
    return json(c, success('Signup successful', toLoginData(login)), 201);
  });

  router.openapi(behind(kpaLogInRoute), async (c) => {
    const { phone, email, password } = c.req.valid('json');
    const [caller, username] = [callerOf(c), phone ?? email ?? ''];
    setHeaders(c, await limits.logIn(username, caller.address));
    const login = await passwordLogIn.logIn(username, password, caller);
    if (!login) throw new AppError('wrong_phone_or_password');
    return json(c, success('Login successful', toLoginData(login)), 200);
  });

  router.openapi(behind(kpaProfileRoute, inWordsOfKpa(requireUser)), (c) =>
    json(c, success('User profile fetched successfully', toKpaUser(c.get('user'))), 200),
  );

  return router;
}

/** KPA's own words for a bad token have no full stop. */
const inWordsOfKpa = (requireUser: MiddlewareHandler<Env>): MiddlewareHandler<Env> =>
  createMiddleware<Env>(async (c, next) => {
    try {
      return await requireUser(c, next);
    } catch (cause) {
      if (!(cause instanceof AppError && cause.code === 'invalid_token')) throw cause;
      throw new AppError('invalid_token', { detail: 'Could not validate credentials', cause });
    }
  });

const success = <Message extends string, Data>(message: Message, data: Data) => ({
  status: 'success' as const,
  message,
  data,
});

const toLoginData = ({ accessToken, refreshToken, user, expiresIn }: Login) => ({
  token: accessToken,
  user: toKpaUser(user),
  refresh_token: refreshToken,
  expires_in: expiresIn,
});
