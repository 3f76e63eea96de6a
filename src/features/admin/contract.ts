import { z } from '@hono/zod-openapi';
import { text } from '../../core/http/fields.ts';
import { operation } from '../../core/http/operation.ts';
import { eventFields } from '../activity/contract.ts';
import { OUTCOMES } from '../audit/event.ts';
import { ROLE } from '../roles/role.ts';
import { sessionFields } from '../sessions/contract.ts';
import { staff } from '../sessions/guards.ts';
import { ACCOUNT_ID } from './account.ts';
import { STATUSES } from './directory.ts';
import { accountIdParam, accountSchema } from './fields.ts';

/** Items per page, unless the request says otherwise. */
export const PAGE_SIZE = 50;
/** Days of the numbers, unless the request says otherwise. */
export const STATS_DAYS = 14;

const common = { tags: ['admin'], guard: staff, method: 'get' } as const;

const wholeNumber = (pattern: RegExp, message: string, maximum: number) =>
  z
    .string()
    .regex(pattern, message)
    .transform(Number)
    .optional()
    .openapi({ type: 'integer', minimum: 1, maximum });

const accountIdQuery = (description: string) =>
  z
    .string()
    .regex(ACCOUNT_ID, 'must be the id of an account')
    .transform(Number)
    .optional()
    .openapi({
      type: 'integer',
      minimum: 1,
      maximum: 999_999_999_999_999,
      description,
      example: 1,
    });

const pageQuery = {
  limit: wholeNumber(/^([1-9]\d?|100)$/, 'must be 1 to 100', 100).openapi({
    description: `Maximum number of items, 1 to 100. Default: ${PAGE_SIZE}.`,
    example: 20,
  }),
  cursor: z
    .string()
    .max(1024, 'must have at most 1024 characters')
    .optional()
    .openapi({ description: 'The `next_cursor` of the previous page.' }),
};

const pageOf = <Item extends z.ZodType>(name: string, item: Item, description: string) => ({
  200: {
    description,
    content: {
      'application/json': {
        schema: z
          .object({
            items: z.array(item).openapi({ description: 'The items of this page.' }),
            next_cursor: z.string().nullable().openapi({
              description:
                'Cursor of the next page; null on the last page. A page may have fewer items than the limit, or none, and still not be the last one.',
              example: null,
            }),
          })
          .openapi(name, { description }),
      },
    },
  },
});

export const listUsers = operation({
  ...common,
  operationId: 'listUsers',
  path: '/admin/users',
  summary: 'List accounts',
  description:
    'Returns accounts, newest first. With `q`, finds them by the beginning of their phone number if it begins with `+` or a digit, otherwise of their email address and name, in the order of these texts.',
  request: {
    query: z.object({
      q: text({ min: 1, max: 254, trimmed: true }).optional().openapi({
        description:
          'The beginning of a phone number, an email address or a name. Ignores letter case. Wildcards have no meaning.',
        example: 'ada',
        minLength: 1,
        maxLength: 254,
      }),
      role: z
        .string()
        .regex(ROLE, 'must be a role')
        .optional()
        .openapi({ description: 'Only accounts with this role.', example: 'support' }),
      status: z
        .enum(STATUSES, `must be one of ${STATUSES.join(', ')}`)
        .optional()
        .openapi({
          description:
            '`active`: not disabled. `locked`: locked out after wrong passwords. `unverified`: without a verified address.',
          example: 'active',
        }),
      ...pageQuery,
    }),
  },
  fails: ['validation_failed'],
  answers: pageOf('AdminUsers', accountSchema, 'A page of accounts.'),
});

export const getUser = operation({
  ...common,
  operationId: 'getUser',
  path: '/admin/users/{id}',
  summary: 'Get an account',
  description: 'Returns an account.',
  request: { params: accountIdParam },
  fails: ['validation_failed', 'not_found'],
  answers: {
    200: {
      description: 'The account.',
      content: { 'application/json': { schema: accountSchema } },
    },
  },
});

const { current: _, ...otherSessionFields } = sessionFields;

export const listUserSessions = operation({
  ...common,
  operationId: 'listUserSessions',
  path: '/admin/users/{id}/sessions',
  summary: 'List the sessions of an account',
  description: 'Returns the active sessions of an account, newest first.',
  request: { params: accountIdParam, query: z.object(pageQuery) },
  fails: ['validation_failed', 'not_found'],
  answers: pageOf(
    'AdminSessions',
    z
      .object(otherSessionFields)
      .openapi('AdminSession', { description: 'An active session of an account.' }),
    'A page of sessions.',
  ),
});

const auditEventSchema = z
  .object({
    ...eventFields,
    detail: eventFields.detail.openapi({
      description:
        'Further details, such as the names of changed fields; `operator` is who acted by the program.',
    }),
    actor_id: z.number().int().nullable().openapi({
      description:
        'Id of the account that acted; null if the caller was not logged in, or an operator acted by the program.',
      example: 1,
    }),
    subject_id: z
      .number()
      .int()
      .nullable()
      .openapi({ description: 'Id of the account that the event concerns.', example: 2 }),
  })
  .openapi('AuditEvent', {
    description: 'An event, as administrators see it: all of it, whoever has caused it.',
  });

const auditAnswers = pageOf('AuditEvents', auditEventSchema, 'A page of events.');

export const listUserActivity = operation({
  ...common,
  operationId: 'listUserActivity',
  path: '/admin/users/{id}/activity',
  summary: 'List the activity of an account',
  description: 'Returns the events of an account, newest first.',
  request: { params: accountIdParam, query: z.object(pageQuery) },
  fails: ['validation_failed', 'not_found'],
  answers: auditAnswers,
});

export const listAudit = operation({
  ...common,
  operationId: 'listAudit',
  path: '/admin/audit',
  summary: 'List the audit record',
  description: 'Returns the events of all accounts, also of deleted ones, newest first.',
  request: {
    query: z.object({
      subject: accountIdQuery('Only events that concern this account.'),
      actor: accountIdQuery('Only what this account has done to other accounts.'),
      action: z
        .string()
        .regex(/^[a-z_]{1,32}$/, 'must be an action')
        .optional()
        .openapi({ description: 'Only events with this action.', example: 'role_change' }),
      outcome: z
        .enum(OUTCOMES, 'must be success or failure')
        .optional()
        .openapi({ description: 'Only events with this outcome.', example: 'success' }),
      ...pageQuery,
    }),
  },
  fails: ['validation_failed'],
  answers: auditAnswers,
});

const count = (description: string) => z.number().int().openapi({ description, example: 3 });

const statsSchema = z
  .object({
    days: z
      .array(
        z.object({
          day: z.string().openapi({
            description: 'The day, in UTC (RFC 3339).',
            example: '2026-01-01',
            format: 'date',
          }),
          sign_ups: count('Accounts that were created by a sign-up.'),
          log_ins: count('Successful logins.'),
          failed_log_ins: count('Rejected logins that are recorded for an account.'),
          lockouts: count('Lockouts after wrong passwords.'),
          active_sessions: count('Sessions that are active now and were last used on this day.'),
        }),
      )
      .openapi({ description: 'The days, oldest first. The last one is today, so far.' }),
    messages: z
      .object({
        waiting: count('Messages that wait to be sent.'),
        sent: count('Messages that were sent.'),
        rejected: count('Messages that the provider has rejected.'),
        dead: count('Messages that expired before they could be sent.'),
      })
      .openapi({ description: 'Messages in the outbox by their state.' }),
  })
  .openapi('Stats', { description: 'Numbers of the service.' });

export const getStats = operation({
  ...common,
  operationId: 'getStats',
  path: '/admin/stats',
  summary: 'Get numbers of the service',
  description: 'Returns counts per day, and the messages in the outbox.',
  request: {
    query: z.object({
      days: wholeNumber(/^([1-9]|[12]\d|30)$/, 'must be 1 to 30', 30).openapi({
        description: `Number of days, 1 to 30. Default: ${STATS_DAYS}.`,
        example: 7,
      }),
    }),
  },
  fails: ['validation_failed'],
  answers: {
    200: {
      description: 'The numbers.',
      content: { 'application/json': { schema: statsSchema } },
    },
  },
});
