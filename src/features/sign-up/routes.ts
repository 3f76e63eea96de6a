import type { OpenAPIHono } from '@hono/zod-openapi';
import { json, setHeaders } from '../../core/http/answer.ts';
import type { CallerOf } from '../../core/http/caller.ts';
import type { Env } from '../../core/http/env.ts';
import { behind, createRouter } from '../../core/http/router.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { toSignedUpUser } from '../users/user.ts';
import { signUpRoute } from './contract.ts';
import type { SignUpService } from './service.ts';

export function signUpRoutes(
  signUp: SignUpService,
  limits: RateLimits,
  callerOf: CallerOf,
): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(behind(signUpRoute), async (c) => {
    const caller = callerOf(c);
    setHeaders(c, await limits.signUp(caller.address));
    const user = await signUp.signUp(c.req.valid('json'), caller);
    return json(c, toSignedUpUser(user), 201);
  });

  return router;
}
