import { z } from '@hono/zod-openapi';
import { json } from '../../core/http/body.ts';
import { text } from '../../core/http/fields.ts';
import { open, operation } from '../../core/http/operation.ts';
import { token } from './guards.ts';

/** Members of every token response. */
export const expiresInField = z.number().int().openapi({
  description: 'Seconds until the access token ends.',
  example: 3600,
});

export const accessTokenField = z.string().openapi({
  description: 'Access token (JWT), for the header `Authorization: Bearer`.',
  example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
});

/** Longer than any valid token, so that most invalid ones fail as invalid tokens and not as invalid input. */
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

export const refreshTokens = operation({
  operationId: 'refreshTokens',
  guard: open,
  method: 'post',
  path: '/auth/refresh',
  tags: ['auth'],
  summary: 'Get new tokens',
  description:
    'Takes the newest refresh token and gives the next one. For a few seconds its parent is taken too and gives the same next one: a client whose answer was lost may just ask again. An older one ends the session.',
  body: json(
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
  fails: ['invalid_refresh_token', 'database_unavailable'],
  answers: {
    200: {
      description: 'New tokens of the same session.',
      content: { 'application/json': { schema: tokenSchema } },
    },
  },
});

export const logOut = operation({
  operationId: 'logOut',
  guard: token,
  method: 'post',
  path: '/auth/logout',
  tags: ['auth'],
  summary: 'Log out',
  description: 'Ends the session of the access token, at once and with all its tokens.',
  answers: {
    204: { description: 'Logged out.' },
  },
});
