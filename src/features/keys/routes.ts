import type { OpenAPIHono } from '@hono/zod-openapi';
import { json } from '../../core/http/answer.ts';
import type { Env } from '../../core/http/env.ts';
import { createRouter } from '../../core/http/router.ts';
import type { TokenKeys } from '../sessions/token-keys.ts';
import { jwksRoute } from './contract.ts';
import { PUBLISHED_MAX_AGE_SECONDS } from './signing-key.ts';

export function keyRoutes(tokenKeys: Pick<TokenKeys, 'published'>): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(jwksRoute, async (c) => {
    const keys = await tokenKeys.published();
    return json(c, { keys: [...keys] }, 200, {
      'Cache-Control': `public, max-age=${PUBLISHED_MAX_AGE_SECONDS}`,
    });
  });

  return router;
}
