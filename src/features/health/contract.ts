import { z } from '@hono/zod-openapi';
import { open, operation } from '../../core/http/operation.ts';

const status = <Word extends string>(word: Word, description: string) => ({
  description,
  content: { 'application/json': { schema: z.object(statusMember(word, description)) } },
});

const statusMember = <Word extends string>(word: Word, description: string) => ({
  status: z.literal(word).openapi({ description, example: word }),
});

const READY = 'The database responds and is migrated.';
const MESSAGES =
  'Whether messages are sent, as far as this server knows. `held`: the provider refuses all of them, and the log has the reason. `off`: no sender is configured.';

const readiness = z.object({
  ...statusMember('ready', READY),
  messages: z.enum(['ok', 'held', 'off']).openapi({ description: MESSAGES, example: 'ok' }),
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
  description:
    'Checks that the database responds and that the signing keys can be read. Reports whether messages are sent, which does not affect the status.',
  fails: ['database_unavailable', 'misconfigured'],
  answers: {
    200: { description: READY, content: { 'application/json': { schema: readiness } } },
  },
});
