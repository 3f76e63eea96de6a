import { createRoute, z } from '@hono/zod-openapi';
import { BODY_PROBLEMS, NO_SECURITY, problems, requiredBody } from '../http/openapi.ts';
import {
  bioField,
  emailField,
  idField,
  nameField,
  newPasswordField,
  passwordField,
  usernameField,
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
          email: emailField,
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
    ...problems('email_taken', ...BODY_PROBLEMS, 'database_unavailable'),
  },
});

/** Members of every answer to a login. */
export const expiresInField = z.number().int().openapi({
  description: 'Seconds until the access token ends.',
  example: 3600,
});

export const accessTokenField = z.string().openapi({
  description: 'Access token (JWT), for the header `Authorization: Bearer`.',
  example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
});

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
    'The OAuth2 password form (RFC 6749 section 4.3.2). Says the same for an unknown name and a wrong password.',
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
      'Name and password.',
    ),
  },
  responses: {
    200: {
      description: 'Logged in.',
      content: {
        'application/json': {
          schema: z
            .object({
              access_token: accessTokenField,
              token_type: z
                .literal('bearer')
                .openapi({ description: 'How to present the token.', example: 'bearer' }),
              expires_in: expiresInField,
            })
            .openapi('Token', { description: 'What a login gives (RFC 6749 section 5.1).' }),
        },
      },
    },
    ...problems(
      'wrong_email_or_password',
      'unreadable_body',
      'payload_too_large',
      'unsupported_media_type',
      'validation_failed',
      'database_unavailable',
    ),
  },
});
