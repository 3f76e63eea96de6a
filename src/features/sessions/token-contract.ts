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
