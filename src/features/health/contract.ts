import { createRoute, z } from '@hono/zod-openapi';
import { NO_SECURITY, onlyProblems, problems } from '../../core/http/openapi.ts';

/** Answered in whatever state the process is. */
export const HEALTH_PATH = '/healthz';

const status = <Word extends string>(word: Word, description: string) => ({
  description,
  content: {
    'application/json': {
      schema: z.object({ status: z.literal(word).openapi({ description, example: word }) }),
    },
  },
});

export const healthRoute = createRoute({
  operationId: 'getHealth',
  security: NO_SECURITY,
  method: 'get',
  path: HEALTH_PATH,
  tags: ['operations'],
  summary: 'Is the process up',
  description: 'Answers without touching the database, under overload too.',
  responses: { 200: status('ok', 'The process is up.'), ...onlyProblems('uri_too_long') },
});

export const readinessRoute = createRoute({
  operationId: 'getReadiness',
  security: NO_SECURITY,
  method: 'get',
  path: '/readyz',
  tags: ['operations'],
  summary: 'Can it serve',
  description: 'Asks the database, and for the keys that tokens are signed with.',
  responses: {
    200: status('ready', 'The database answers and is migrated.'),
    ...problems('database_unavailable', 'misconfigured'),
  },
});
