import { z } from '@hono/zod-openapi';
import { json } from '../../core/http/body.ts';
import { open, operation } from '../../core/http/operation.ts';
import { MESSAGE_SENT } from '../codes/fields.ts';
import {
  bioField,
  emailField,
  idField,
  nameField,
  newEmailField,
  newPasswordField,
} from '../users/fields.ts';

/** The answer of a sign-up that does not tell whether the address was taken, or that starts no session. */
export const SIGN_UP_ACCEPTED = {
  ...MESSAGE_SENT,
  description:
    'Accepted. A message to the address says how to go on. Only with `SIGNUP_MODE=hidden` or `REQUIRE_VERIFIED=login`.',
} as const;

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
  fails: [
    'email_taken',
    'weak_password',
    'signup_closed',
    'messages_off',
    'database_unavailable',
    'misconfigured',
  ],
  answers: {
    202: SIGN_UP_ACCEPTED,
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
