import { createRoute, z } from '@hono/zod-openapi';
import { text } from '../../core/http/fields.ts';
import {
  BEARER_PROBLEMS,
  BEARER_SECURITY,
  BODY_PROBLEMS,
  NO_SECURITY,
  problems,
  requiredBody,
  STRAY_BODY_PROBLEMS,
} from '../../core/http/openapi.ts';
import {
  bioField,
  emailField,
  idField,
  nameField,
  newEmailField,
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

/** Members of every answer to a login. */
export const expiresInField = z.number().int().openapi({
  description: 'Seconds until the access token ends.',
  example: 3600,
});

export const accessTokenField = z.string().openapi({
  description: 'Access token (JWT), for the header `Authorization: Bearer`.',
  example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
});

/** Wider than any of ours, so that a wrong one is told as wrong. */
const MAX_REFRESH_TOKEN_LENGTH = 1024;

const REFRESH_TOKEN_EXAMPLE =
  'x3JkzI6Qb3mCz0mYk2v9bA.0.VGhpcyBpcyBub3QgYSByZWFsIHJlZnJlc2ggdG9rZW4';

export const refreshTokenField = z.string().openapi({
  description: 'Refresh token, for `POST /auth/refresh`. Keep it where only your client reads.',
  example: REFRESH_TOKEN_EXAMPLE,
});

export const tokenSchema = z
  .object({
    access_token: accessTokenField,
    token_type: z
      .literal('bearer')
      .openapi({ description: 'How to present the token.', example: 'bearer' }),
    expires_in: expiresInField,
    refresh_token: refreshTokenField,
  })
  .openapi('Token', { description: 'What a login gives (RFC 6749 section 5.1).' });

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
    'The OAuth2 password form (RFC 6749 section 4.3.2). Says the same for an unknown name and a wrong password. From a browser, only pages of this host or of an origin in `CORS_ORIGINS` may log in.',
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
      'Name and password. At most 16 fields and 16 KB.',
    ),
  },
  responses: {
    200: {
      description: 'Logged in.',
      content: {
        'application/json': {
          schema: tokenSchema,
        },
      },
    },
    ...problems(
      'wrong_email_or_password',
      'origin_refused',
      'unreadable_body',
      'request_timeout',
      'payload_too_large',
      'unsupported_media_type',
      'validation_failed',
      'database_unavailable',
    ),
  },
});

export const refreshRoute = createRoute({
  operationId: 'refreshTokens',
  security: NO_SECURITY,
  method: 'post',
  path: '/auth/refresh',
  tags: ['auth'],
  summary: 'Get new tokens',
  description:
    'Takes the newest refresh token and gives the next one. For a few seconds its parent is taken too and gives the same next one: a client whose answer was lost may just ask again. An older one ends the session.',
  request: {
    body: requiredBody(
      'application/json',
      z
        .object({
          refresh_token: text({ max: MAX_REFRESH_TOKEN_LENGTH }).openapi({
            description: 'The newest refresh token of the session.',
            example: REFRESH_TOKEN_EXAMPLE,
            maxLength: MAX_REFRESH_TOKEN_LENGTH,
          }),
        })
        .openapi('Refresh', { description: 'A refresh token.' }),
      'The refresh token.',
    ),
  },
  responses: {
    200: {
      description: 'New tokens of the same session.',
      content: { 'application/json': { schema: tokenSchema } },
    },
    ...problems('invalid_refresh_token', ...BODY_PROBLEMS, 'database_unavailable'),
  },
});

export const logOutRoute = createRoute({
  operationId: 'logOut',
  security: BEARER_SECURITY,
  method: 'post',
  path: '/auth/logout',
  tags: ['auth'],
  summary: 'Log out',
  description: 'Ends the session of the access token, at once and with all its tokens.',
  responses: {
    204: { description: 'Logged out.' },
    ...problems(...BEARER_PROBLEMS, ...STRAY_BODY_PROBLEMS),
  },
});
