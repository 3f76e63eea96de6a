import { z } from '@hono/zod-openapi';
import { timeField } from '../../core/http/fields.ts';
import { operation } from '../../core/http/operation.ts';
import { rolesField } from '../roles/fields.ts';
import { profileSchema } from '../users/profile-schema.ts';
import { member, user } from './guards.ts';

const common = { tags: ['sessions'], guard: user };

const sessionIdField = z.string().min(1).max(128);

/** The fields of a session in a list. */
export const sessionFields = {
  id: sessionIdField.openapi({
    description: 'Session id.',
    example: 'x3JkzI6Qb3mCz0mYk2v9bA',
  }),
  current: z
    .boolean()
    .openapi({ description: 'True for the session of this request.', example: true }),
  created_at: timeField.openapi({ description: 'Time of the login (RFC 3339, UTC).' }),
  last_used_at: timeField.openapi({
    description: 'Time of the last use, accurate to a minute (RFC 3339, UTC).',
  }),
  expires_at: timeField.openapi({
    description: 'Time at which the session expires regardless of use (RFC 3339, UTC).',
  }),
  method: z.string().openapi({ description: 'Login method.', example: 'password' }),
  user_agent: z.string().nullable().openapi({
    description: 'User-Agent of the login.',
    example: 'curl/8.5.0',
  }),
  address: z
    .string()
    .nullable()
    .openapi({ description: 'IP address of the login.', example: '203.0.113.7' }),
  last_network: z.string().nullable().openapi({
    description:
      'Network of the last use, accurate to a minute: an IPv4 address, or the /64 of an IPv6 address.',
    example: '203.0.113.7',
  }),
};

const sessionSchema = z
  .object(sessionFields)
  .openapi('Session', { description: 'An active session.' });

export const getOwnSession = operation({
  ...common,
  guard: member,
  operationId: 'getOwnSession',
  method: 'get',
  path: '/auth/session',
  summary: 'Get this session',
  description:
    'Returns the session of the access token, its user and their roles, as they are now. A service behind this one asks it whether a token is still valid, and what its user may do.',
  answers: {
    200: {
      description: 'The session of this request.',
      content: {
        'application/json': {
          schema: z
            .object({
              id: sessionIdField.openapi({
                description: 'Session id. The `sid` claim of its access tokens.',
                example: 'x3JkzI6Qb3mCz0mYk2v9bA',
              }),
              created_at: timeField.openapi({ description: 'Time of the login (RFC 3339, UTC).' }),
              expires_at: timeField.openapi({
                description: 'Time at which the session expires regardless of use (RFC 3339, UTC).',
              }),
              auth_time: timeField.openapi({
                description: 'Time of the last authentication in the session (RFC 3339, UTC).',
              }),
              amr: z.array(z.string()).openapi({
                description:
                  'How the user logged in: `pwd` for a password, `otp` for a code or a link (RFC 8176).',
                example: ['pwd'],
              }),
              user: profileSchema,
              roles: rolesField,
            })
            .openapi('OwnSession', { description: 'The session of this request.' }),
        },
      },
    },
  },
});

export const listSessions = operation({
  ...common,
  operationId: 'listSessions',
  method: 'get',
  path: '/auth/sessions',
  summary: 'List your sessions',
  description: 'Returns your active sessions, newest first.',
  answers: {
    200: {
      description: 'Your active sessions.',
      content: {
        'application/json': {
          schema: z
            .object({ sessions: z.array(sessionSchema).openapi({ description: 'The sessions.' }) })
            .openapi('Sessions', { description: 'Your active sessions.' }),
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
  summary: 'Revoke a session',
  description:
    'The tokens of the session are rejected from the next request on. Returns 404 for an id that is not one of your sessions.',
  request: {
    params: z.object({
      id: sessionIdField.openapi({
        param: { name: 'id', in: 'path' },
        description: 'The `id` of one of your sessions.',
        example: 'x3JkzI6Qb3mCz0mYk2v9bA',
      }),
    }),
  },
  fails: ['not_found', 'validation_failed'],
  answers: {
    204: { description: 'The session was revoked.' },
  },
});

export const endSessions = operation({
  ...common,
  operationId: 'endSessions',
  method: 'delete',
  path: '/auth/sessions',
  summary: 'Revoke your other sessions',
  description:
    'Revokes all your sessions except this one, and changes of address that are not confirmed. With `all=true`, revokes this session as well.',
  request: {
    query: z.object({
      all: z.enum(['true', 'false'], 'must be true or false').optional().openapi({
        description: 'Whether to revoke this session as well. Default: `false`.',
        example: 'false',
      }),
    }),
  },
  fails: ['validation_failed'],
  answers: {
    204: { description: 'The sessions were revoked.' },
  },
});
