import { createRoute, z } from '@hono/zod-openapi';
import {
  BEARER_PROBLEMS,
  BEARER_SECURITY,
  BODY_PROBLEMS,
  problems,
  requiredBody,
} from '../http/openapi.ts';
import { newPasswordField, passwordField } from '../users/fields.ts';

export const changePasswordRoute = createRoute({
  operationId: 'changePassword',
  method: 'post',
  path: '/auth/password/change',
  tags: ['auth'],
  security: BEARER_SECURITY,
  summary: 'Change your password',
  description: 'Needs the current one. Ends your other sessions and keeps this one.',
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
    204: { description: 'The password is changed.' },
    ...problems('wrong_current_password', ...BEARER_PROBLEMS, ...BODY_PROBLEMS),
  },
});
