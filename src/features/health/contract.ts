import { z } from '@hono/zod-openapi';
import { open, operation } from '../../core/http/operation.ts';

const status = <Word extends string>(word: Word, description: string) => ({
  description,
  content: {
    'application/json': {
      schema: z.object({ status: z.literal(word).openapi({ description, example: word }) }),
    },
  },
});

export const getHealth = operation({
  operationId: 'getHealth',
  guard: open,
  method: 'get',
  path: '/healthz',
  tags: ['operations'],
  summary: 'Liveness probe',
  description: 'Does not query the database. Responds even under overload.',
  isAlwaysAnswered: true,
  answers: { 200: status('ok', 'The process is running.') },
});

export const getReadiness = operation({
  operationId: 'getReadiness',
  guard: open,
  method: 'get',
  path: '/readyz',
  tags: ['operations'],
  summary: 'Readiness probe',
  description: 'Checks that the database responds and that the signing keys can be read.',
  fails: ['database_unavailable', 'misconfigured'],
  answers: {
    200: status('ready', 'The database responds and is migrated.'),
  },
});
