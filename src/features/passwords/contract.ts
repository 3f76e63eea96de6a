import { z } from '@hono/zod-openapi';
import { form, json } from '../../core/http/body.ts';
import { open, operation } from '../../core/http/operation.ts';
import { deviceTokenField } from '../devices/fields.ts';
import { user } from '../sessions/guards.ts';
import { logInTokenSchema } from '../sign-in/contract.ts';
import { newPasswordField, passwordField, usernameField } from '../users/fields.ts';

const ignoredField = (name: string) =>
  z.unknown().openapi({
    type: 'string',
    description: `\`${name}\` of the OAuth2 password grant. Accepted and ignored.`,
    example: '',
  });

export const logIn = operation({
  operationId: 'logIn',
  guard: open,
  method: 'post',
  path: '/auth/login',
  tags: ['auth'],
  summary: 'Log in with a form',
  description:
    'OAuth2 password grant (RFC 6749 section 4.3.2). Returns the same error for an unknown user and a wrong password. In a browser, only pages of this host or of an origin in `CORS_ORIGINS` may log in.',
  body: form(
    z
      .object({
        username: usernameField,
        password: passwordField,
        device_token: deviceTokenField.optional(),
        grant_type: ignoredField('grant_type').optional(),
        scope: ignoredField('scope').optional(),
        client_id: ignoredField('client_id').optional(),
        client_secret: ignoredField('client_secret').optional(),
      })
      .openapi('LogInForm', { description: 'User name and password.' }),
    'User name and password. At most 16 fields and 16 KB.',
  ),
  limit: {
    name: 'logIn',
    who: (c) => c.req.valid('form').username,
    device: (c) => c.req.valid('form').device_token,
  },
  cost: 'password',
  isOwnOriginsOnly: true,
  fails: [
    'wrong_email_or_password',
    'verification_required',
    'messages_off',
    'database_unavailable',
  ],
  answers: {
    200: {
      description: 'The tokens of a new session.',
      content: {
        'application/json': {
          schema: logInTokenSchema,
        },
      },
    },
  },
});

export const changePassword = operation({
  operationId: 'changePassword',
  method: 'post',
  path: '/auth/password/change',
  tags: ['auth'],
  guard: user,
  summary: 'Change your password',
  description:
    'Requires the current password. Revokes all your sessions and device tokens, including those of this session, and the links and codes that log in, reset the password or change an address. Returns the tokens of a new session and of this device.',
  body: json(
    z
      .object({
        current_password: passwordField.openapi({ description: 'The current password.' }),
        new_password: newPasswordField.openapi({ example: 'difference engine' }),
      })
      .openapi('PasswordChange', { description: 'The current and the new password.' }),
    'The current and the new password.',
  ),
  limit: { name: 'changePassword', who: (c) => String(c.get('user').id) },
  cost: 'password',
  fails: ['wrong_current_password', 'weak_password', 'misconfigured'],
  answers: {
    200: {
      description:
        'The password was changed and all earlier sessions and device tokens were revoked. Contains the tokens of a new session.',
      content: { 'application/json': { schema: logInTokenSchema } },
    },
  },
});
