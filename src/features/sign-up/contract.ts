import { z } from '@hono/zod-openapi';
import { json } from '../../core/http/body.ts';
import { open, operation } from '../../core/http/operation.ts';
import {
  bioField,
  emailField,
  idField,
  nameField,
  newEmailField,
  newPasswordField,
} from '../users/fields.ts';

export const signUp = operation({
  operationId: 'signUp',
  guard: open,
  method: 'post',
  path: '/auth/signup',
  tags: ['auth'],
  summary: 'Sign up with an email address',
  description: 'Creates an account. Does not log in.',
  body: json(
    z
      .object({
        email: newEmailField,
        password: newPasswordField,
        name: nameField.nullish(),
      })
      .openapi('SignUp', { description: 'An account to create.' }),
    'The account to create. Unknown members are ignored.',
  ),
  limit: { name: 'signUp' },
  cost: 'password',
  fails: ['email_taken', 'weak_password', 'database_unavailable', 'misconfigured'],
  answers: {
    201: {
      description: 'The account was created.',
      content: {
        'application/json': {
          schema: z
            .object({
              id: idField,
              email: emailField.nullable(),
              name: nameField.nullable(),
              bio: bioField,
            })
            .openapi('SignedUpUser', { description: 'The created account.' }),
        },
      },
    },
  },
});
