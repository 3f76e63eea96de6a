import { z } from '@hono/zod-openapi';
import { json } from '../../core/http/body.ts';
import { open, operation } from '../../core/http/operation.ts';
import { deviceTokenField } from '../devices/fields.ts';
import { user } from '../sessions/guards.ts';
import { logInTokenSchema } from '../sign-in/contract.ts';
import { usernameField } from '../users/fields.ts';
import {
  codeField,
  hasOne,
  linkTokenField,
  MESSAGE_SENT,
  ONE_REQUIRED,
  withCodeOnly,
} from './fields.ts';

export const requestLoginCode = operation({
  operationId: 'requestLoginCode',
  guard: open,
  method: 'post',
  path: '/auth/code',
  tags: ['recovery'],
  summary: 'Request a login code',
  description:
    'Sends a message with a link (60 minutes) and a code (15 minutes) to the address, if an account has verified it. The response is the same for every name, and also over a limit: at most one message a minute and five an hour.',
  body: json(
    z
      .object({ username: usernameField })
      .openapi('LoginCodeRequest', { description: 'The account to log in to.' }),
    'The email address or phone number of the account.',
  ),
  fails: ['messages_off', 'database_unavailable'],
  answers: { 202: MESSAGE_SENT },
});

export const logInByCode = operation({
  operationId: 'logInByCode',
  guard: open,
  method: 'post',
  path: '/auth/code/login',
  tags: ['recovery'],
  summary: 'Log in with a code',
  description:
    'Logs in with the token of a link, or with a user name and a code. In a browser, only pages of this host or of an origin in `CORS_ORIGINS` may log in.',
  body: json(
    z
      .object({
        token: linkTokenField.optional(),
        username: usernameField.optional(),
        code: codeField.optional(),
        device_token: deviceTokenField.nullish(),
      })
      .refine(hasOne, ONE_REQUIRED)
      .refine(
        ({ username, code }) => (username === undefined) === (code === undefined),
        withCodeOnly('username'),
      )
      .openapi('CodeLogin', { description: 'A link or a code.' }),
    'Either `token`, or `username` and `code`.',
  ),
  limit: {
    name: 'useCode',
    who: (c) => c.req.valid('json').username ?? '',
    device: (c) => c.req.valid('json').device_token,
  },
  isOwnOriginsOnly: true,
  fails: ['invalid_code', 'database_unavailable'],
  answers: {
    200: {
      description: 'The tokens of a new session.',
      content: { 'application/json': { schema: logInTokenSchema } },
    },
  },
});

export const requestReauthenticationCode = operation({
  operationId: 'requestReauthenticationCode',
  guard: user,
  method: 'post',
  path: '/auth/reauthenticate/code',
  tags: ['recovery'],
  summary: 'Request a code to re-authenticate',
  description:
    'Sends a code (15 minutes) to a verified address of the account, for `POST /auth/reauthenticate`.',
  fails: ['no_address', 'messages_off'],
  answers: { 202: MESSAGE_SENT },
});
