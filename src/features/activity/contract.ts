import { z } from '@hono/zod-openapi';
import { timeField } from '../../core/http/fields.ts';
import { operation } from '../../core/http/operation.ts';
import { OUTCOMES } from '../audit/event.ts';
import { user } from '../sessions/guards.ts';

/** Maximum number of events per page. */
export const PAGE_SIZE = 100;

/** The fields of an event. */
export const eventFields = {
  id: z
    .number()
    .int()
    .openapi({ description: 'Event id. Later events have greater ids.', example: 7 }),
  at: timeField.openapi({ description: 'Time of the event (RFC 3339, UTC).' }),
  action: z.string().openapi({ description: 'The action.', example: 'login' }),
  outcome: z
    .enum(OUTCOMES)
    .openapi({ description: 'Whether the action succeeded.', example: 'success' }),
  address: z
    .string()
    .nullable()
    .openapi({ description: 'IP address of the caller.', example: '203.0.113.7' }),
  user_agent: z
    .string()
    .nullable()
    .openapi({ description: 'User-Agent of the caller.', example: 'curl/8.5.0' }),
  request_id: z.string().openapi({
    description: 'X-Request-Id of the request.',
    example: '0b9e6f0e-6f0a-4f7c-9a53-0d1f6c1f7a11',
  }),
  detail: z.record(z.string(), z.unknown()).openapi({
    description: 'Further details, such as the names of changed fields.',
    example: {},
  }),
};

/** An event, as the owner of its account reads it. */
export const eventSchema = z
  .object({
    ...eventFields,
    by_administrator: z.boolean().openapi({
      description:
        'Whether an administrator has done it. Then `address` and `user_agent` are null, and `detail.reason` says why.',
      example: false,
    }),
  })
  .openapi('ActivityEvent', { description: 'An event of your account.' });

export const listActivity = operation({
  operationId: 'listActivity',
  method: 'get',
  path: '/auth/activity',
  tags: ['sessions'],
  guard: user,
  summary: 'List your account activity',
  description: `Logins, changes and other events of your account, newest first, ${PAGE_SIZE} per page.`,
  request: {
    query: z.object({
      cursor: z
        .string()
        .regex(/^[1-9]\d{0,14}$/, 'must be the next_cursor of a previous page')
        .optional()
        .openapi({ description: 'The `next_cursor` of the previous page.' }),
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
                description: 'Cursor of the next page; null on the last page.',
                example: '7',
              }),
            })
            .openapi('Activity', { description: 'A page of events.' }),
        },
      },
    },
  },
});
