import { z } from '@hono/zod-openapi';
import { timeField } from '../../core/http/fields.ts';
import { operation } from '../../core/http/operation.ts';
import { user } from '../sessions/guards.ts';

/** Maximum number of events per page. */
export const PAGE_SIZE = 100;

const eventSchema = z
  .object({
    id: z
      .number()
      .int()
      .openapi({ description: 'Names the event; a later one is greater.', example: 7 }),
    at: timeField,
    action: z.string().openapi({ description: 'What was done.', example: 'login' }),
    outcome: z
      .enum(['success', 'failure'])
      .openapi({ description: 'Whether it came about.', example: 'success' }),
    address: z
      .string()
      .nullable()
      .openapi({ description: 'The network address it came from.', example: '203.0.113.7' }),
    user_agent: z
      .string()
      .nullable()
      .openapi({ description: 'The User-Agent, as it was given.', example: 'curl/8.5.0' }),
    request_id: z.string().openapi({
      description: 'The X-Request-Id of the request.',
      example: '0b9e6f0e-6f0a-4f7c-9a53-0d1f6c1f7a11',
    }),
    detail: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'More about it, such as the names of changed fields.', example: {} }),
  })
  .openapi('ActivityEvent', { description: 'Something that happened to your account.' });

export const listActivity = operation({
  operationId: 'listActivity',
  method: 'get',
  path: '/auth/activity',
  tags: ['sessions'],
  guard: user,
  summary: 'See what happened to your account',
  description: `Logins, changes and the like, the newest first, ${PAGE_SIZE} a page.`,
  request: {
    query: z.object({
      cursor: z
        .string()
        .regex(/^[1-9]\d{0,14}$/, 'must be a next_cursor')
        .optional()
        .openapi({ description: 'The `next_cursor` of the page before.', example: '1000000' }),
    }),
  },
  fails: ['validation_failed'],
  answers: {
    200: {
      description: 'A page of events.',
      content: {
        'application/json': {
          schema: z
            .object({
              events: z.array(eventSchema).openapi({ description: 'The events.' }),
              next_cursor: z.string().nullable().openapi({
                description: 'Where the next page begins; null on the last one.',
                example: '7',
              }),
            })
            .openapi('Activity', { description: 'A page of events.' }),
        },
      },
    },
  },
});
