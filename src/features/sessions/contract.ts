import { z } from '@hono/zod-openapi';
import { timeField } from '../../core/http/fields.ts';
import { operation } from '../../core/http/operation.ts';
import { user } from './guards.ts';

const common = { tags: ['sessions'], guard: user };

const sessionIdField = z.string().min(1).max(128);

const sessionSchema = z
  .object({
    id: sessionIdField.openapi({
      description: 'Names the session.',
      example: 'x3JkzI6Qb3mCz0mYk2v9bA',
    }),
    current: z
      .boolean()
      .openapi({ description: 'Whether it is the one you ask with.', example: true }),
    created_at: timeField,
    last_used_at: timeField.openapi({ description: 'Last use, to the minute (RFC 3339, UTC).' }),
    expires_at: timeField.openapi({ description: 'When it ends however much it is used.' }),
    method: z.string().openapi({ description: 'How you logged in.', example: 'password' }),
    user_agent: z.string().nullable().openapi({
      description: 'The User-Agent of the login, as it was given.',
      example: 'curl/8.5.0',
    }),
    address: z
      .string()
      .nullable()
      .openapi({ description: 'The network address of the login.', example: '203.0.113.7' }),
    last_network: z.string().nullable().openapi({
      description:
        'The network of the last use, to the minute: an IPv4 address, or the /64 of an IPv6 address.',
      example: '203.0.113.7',
    }),
  })
  .openapi('Session', { description: 'One login of yours that has not ended.' });

export const listSessions = operation({
  ...common,
  operationId: 'listSessions',
  method: 'get',
  path: '/auth/sessions',
  summary: 'See where you are logged in',
  description: 'Your sessions that have not ended, the newest first.',
  answers: {
    200: {
      description: 'Your sessions.',
      content: {
        'application/json': {
          schema: z
            .object({ sessions: z.array(sessionSchema).openapi({ description: 'The sessions.' }) })
            .openapi('Sessions', { description: 'Your sessions.' }),
        },
      },
    },
  },
});

export const endSession = operation({
  ...common,
  operationId: 'endSession',
  method: 'delete',
  path: '/auth/sessions/{id}',
  summary: 'End one of your sessions',
  description:
    'Its tokens are refused from the next request on. An id that is not yours is not found.',
  request: {
    params: z.object({
      id: sessionIdField.openapi({
        param: { name: 'id', in: 'path' },
        description: 'The `id` from the list of your sessions.',
        example: 'x3JkzI6Qb3mCz0mYk2v9bA',
      }),
    }),
  },
  fails: ['not_found', 'validation_failed'],
  answers: {
    204: { description: 'The session has ended.' },
  },
});

export const endSessions = operation({
  ...common,
  operationId: 'endSessions',
  method: 'delete',
  path: '/auth/sessions',
  summary: 'End your other sessions',
  description: 'Ends all your sessions but this one; with `all=true`, this one too.',
  request: {
    query: z.object({
      all: z.enum(['true', 'false'], 'must be true or false').optional().openapi({
        description: 'Whether to end this session too.',
        example: 'false',
      }),
    }),
  },
  fails: ['validation_failed'],
  answers: {
    204: { description: 'The sessions have ended.' },
  },
});
