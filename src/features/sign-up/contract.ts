import { createRoute, z } from '@hono/zod-openapi';
import { BODY_PROBLEMS, NO_SECURITY, problems, requiredBody } from '../../core/http/openapi.ts';
import {
  bioField,
  emailField,
  idField,
  nameField,
  newEmailField,
  newPasswordField,
} from '../users/fields.ts';

export const signUpRoute = createRoute({
  operationId: 'signUp',
  security: NO_SECURITY,
  method: 'post',
  path: '/auth/signup',
  tags: ['auth'],
  summary: 'Sign up with an email address',
  description: 'Makes an account. Logging in is a call of its own.',
  request: {
    body: requiredBody(
      'application/json',
      z
        .object({
          email: newEmailField,
          password: newPasswordField,
          name: nameField.nullish(),
        })
        .openapi('SignUp', { description: 'A new account.' }),
      'The new account. Members that are not named here are ignored.',
    ),
  },
  responses: {
    201: {
      description: 'The account is made.',
      content: {
        'application/json': {
          schema: z
            .object({
              id: idField,
              email: emailField.nullable(),
              name: nameField.nullable(),
              bio: bioField,
            })
            .openapi('SignedUpUser', { description: 'The new account.' }),
        },
      },
    },
    ...problems('email_taken', 'weak_password', ...BODY_PROBLEMS, 'database_unavailable'),
  },
});
