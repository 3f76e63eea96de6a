import type { OpenAPIHono } from '@hono/zod-openapi';
import { AppError } from '../../core/errors.ts';
import { json } from '../../core/http/answer.ts';
import type { Env } from '../../core/http/env.ts';
import { createRouter } from '../../core/http/router.ts';
import type { TokenKeys } from '../sessions/token-keys.ts';
import { healthRoute, readinessRoute } from './contract.ts';

interface HealthParts {
  /** Rejects if the database does not answer. */
  readonly pingDatabase: () => Promise<void>;
  readonly tokenKeys: Pick<TokenKeys, 'signing'>;
}

export function healthRoutes({ pingDatabase, tokenKeys }: HealthParts): OpenAPIHono<Env> {
  const router = createRouter();

  router.openapi(healthRoute, (c) => json(c, { status: 'ok' as const }, 200));

  router.openapi(readinessRoute, async (c) => {
    try {
      await pingDatabase();
    } catch (cause) {
      throw new AppError('database_unavailable', { cause });
    }
    await tokenKeys.signing();
    return json(c, { status: 'ready' as const }, 200);
  });

  return router;
}
