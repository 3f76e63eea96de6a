import { createRoute, z } from '@hono/zod-openapi';
import {
  BEARER_PROBLEMS,
  BEARER_SECURITY,
  BODY_PROBLEMS,
  problems,
  requiredBody,
} from '../../core/http/openapi.ts';
import { tokenSchema } from '../sign-in/contract.ts';
import { newPasswordField, passwordField } from '../users/fields.ts';

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
