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
  summary: 'Is the process up',
  description: 'Answers without touching the database, under overload too.',
  isAlwaysAnswered: true,
  answers: { 200: status('ok', 'The process is up.') },
});

export const getReadiness = operation({
  operationId: 'getReadiness',
  guard: open,
  method: 'get',
  path: '/readyz',
  tags: ['operations'],
  summary: 'Can it serve',
  description: 'Asks the database, and for the keys that tokens are signed with.',
  fails: ['database_unavailable', 'misconfigured'],
  answers: {
    200: status('ready', 'The database answers and is migrated.'),
  },
});
