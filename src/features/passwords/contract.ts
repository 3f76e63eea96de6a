import { createRoute, z } from '@hono/zod-openapi';
import {
  BEARER_PROBLEMS,
  BEARER_SECURITY,
  BODY_PROBLEMS,
  NO_SECURITY,
  problems,
  requiredBody,
} from '../../core/http/openapi.ts';
import { tokenSchema } from '../sessions/token-contract.ts';
import { newPasswordField, passwordField, usernameField } from '../users/fields.ts';

const ignoredField = (name: string) =>
  z.unknown().openapi({
    type: 'string',
    description: `\`${name}\` of the OAuth2 password form: accepted and ignored.`,
    example: '',
  });

export const logInRoute = createRoute({
  operationId: 'logIn',
  security: NO_SECURITY,
  method: 'post',
  path: '/auth/login',
  tags: ['auth'],
  summary: 'Log in by form',
  description:
    'The OAuth2 password form (RFC 6749 section 4.3.2). Says the same for an unknown name and a wrong password. From a browser, only pages of this host or of an origin in `CORS_ORIGINS` may log in.',
  request: {
    body: requiredBody(
      'application/x-www-form-urlencoded',
      z
        .object({
          username: usernameField,
          password: passwordField,
          grant_type: ignoredField('grant_type').optional(),
          scope: ignoredField('scope').optional(),
          client_id: ignoredField('client_id').optional(),
          client_secret: ignoredField('client_secret').optional(),
        })
        .openapi('LogInForm', { description: 'Name and password.' }),
      'Name and password. At most 16 fields and 16 KB.',
    ),
  },
  responses: {
    200: {
      description: 'Logged in.',
      content: {
        'application/json': {
          schema: tokenSchema,
        },
      },
    },
    ...problems(
      'wrong_email_or_password',
      'origin_refused',
      'unreadable_body',
      'request_timeout',
      'payload_too_large',
      'unsupported_media_type',
      'validation_failed',
      'database_unavailable',
    ),
  },
});

export const changePasswordRoute = createRoute({
  operationId: 'changePassword',
  method: 'post',
  path: '/auth/password/change',
  tags: ['auth'],
  security: BEARER_SECURITY,
  summary: 'Change your password',
  description:
    'Needs the current one. Ends all your sessions, this one too, and starts a new one: store its tokens, as after a login.',
  request: {
    body: requiredBody(
      'application/json',
      z
        .object({
          current_password: passwordField.openapi({ description: 'The password you have now.' }),
          new_password: newPasswordField.openapi({ example: 'difference engine' }),
        })
        .openapi('PasswordChange', { description: 'The old password and the new one.' }),
      'The old password and the new one.',
    ),
  },
  responses: {
    200: {
      description:
        'The password is changed. Earlier sessions have ended; these are the tokens of a new one.',
      content: { 'application/json': { schema: tokenSchema } },
    },
    ...problems('wrong_current_password', 'weak_password', ...BEARER_PROBLEMS, ...BODY_PROBLEMS),
  },
});
