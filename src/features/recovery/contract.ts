import { z } from '@hono/zod-openapi';
import { json } from '../../core/http/body.ts';
import { open, operation } from '../../core/http/operation.ts';
import {
  codeField,
  hasOne,
  linkTokenField,
  MESSAGE_SENT,
  ONE_REQUIRED,
  withCodeOnly,
} from '../codes/fields.ts';
import { newPasswordField, usernameField } from '../users/fields.ts';

export const forgotPassword = operation({
  operationId: 'forgotPassword',
  guard: open,
  method: 'post',
  path: '/auth/password/forgot',
  tags: ['recovery'],
  summary: 'Request a password reset',
  description:
    'Sends a message with a link (60 minutes) and a code (15 minutes) to the address, if it has an account. The response is the same for every name, and also over a limit: at most one message a minute and five an hour.',
  body: json(
    z
      .object({ username: usernameField })
      .openapi('ForgottenPassword', { description: 'The account to recover.' }),
    'The email address or phone number of the account.',
  ),
  fails: ['messages_off', 'database_unavailable'],
  answers: { 202: MESSAGE_SENT },
});

export const resetPassword = operation({
  operationId: 'resetPassword',
  guard: open,
  method: 'post',
  path: '/auth/password/reset',
  tags: ['recovery'],
  summary: 'Reset a password',
  description:
    'Sets a new password with the token of a link, or with a user name and a code. Ends every session of the account and every other link and code, and verifies the address that the message went to. A rejected password does not use up the code.',
  body: json(
    z
      .object({
        token: linkTokenField.optional(),
        username: usernameField.optional(),
        code: codeField.optional(),
        new_password: newPasswordField.openapi({ example: 'difference engine' }),
      })
      .refine(hasOne, ONE_REQUIRED)
      .refine(
        ({ username, code }) => (username === undefined) === (code === undefined),
        withCodeOnly('username'),
      )
      .openapi('PasswordReset', { description: 'A link or a code, and the new password.' }),
    'Either `token`, or `username` and `code`; and the new password.',
  ),
  limit: { name: 'useCode', who: (c) => c.req.valid('json').username ?? '' },
  cost: 'password',
  fails: ['invalid_code', 'weak_password', 'database_unavailable', 'misconfigured'],
  answers: { 204: { description: 'The password was changed and all sessions were revoked.' } },
});
