import { z } from '@hono/zod-openapi';
import { json } from '../../core/http/body.ts';
import { operation } from '../../core/http/operation.ts';
import { codeField } from '../codes/fields.ts';
import { deviceTokenField } from '../devices/fields.ts';
import { user } from '../sessions/guards.ts';
import { logInTokenSchema } from '../sign-in/contract.ts';
import { passwordField } from '../users/fields.ts';

export const reauthenticate = operation({
  operationId: 'reauthenticate',
  method: 'post',
  path: '/auth/reauthenticate',
  tags: ['auth'],
  guard: user,
  summary: 'Re-authenticate',
  description:
    'Proves again who you are, by either `password` or `code`. For the next 10 minutes this session may call operations that otherwise fail with `reauthentication_required`. The session and its refresh token stay the same; the new access token contains the new `auth_time`.',
  body: json(
    z
      .object({
        password: passwordField.optional(),
        code: codeField.optional(),
        device_token: deviceTokenField.nullish(),
      })
      .refine(({ password, code }) => password !== undefined || code !== undefined, {
        path: ['password'],
        error: 'is required',
        params: { code: 'required' },
      })
      .refine(({ password, code }) => password === undefined || code === undefined, {
        path: ['code'],
        error: 'must not be combined with password',
        params: { code: 'ambiguous' },
      })
      .openapi('Reauthentication', {
        description: 'A password or a code.',
        example: { password: 'analytical engine' },
      }),
    'A password or a code.',
  ),
  limit: { name: 'changePassword', who: (c) => String(c.get('user').id) },
  cost: 'password',
  fails: ['wrong_current_password', 'invalid_code'],
  answers: {
    200: {
      description:
        'A new access token, the current refresh token of the session, and the token of this device.',
      content: { 'application/json': { schema: logInTokenSchema } },
    },
  },
});
