import { z } from '@hono/zod-openapi';
import { json } from '../../core/http/body.ts';
import { text } from '../../core/http/fields.ts';
import { open, operation } from '../../core/http/operation.ts';
import { token } from './guards.ts';

/** Members of every token response. */
export const expiresInField = z.number().int().openapi({
  description: 'Seconds until the access token expires.',
  example: 3600,
});

export const accessTokenField = z.string().openapi({
  description: 'Access token (JWT), to be sent as `Authorization: Bearer`.',
  example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
});

/** Longer than any valid token, so that most invalid tokens are rejected as invalid tokens and not as invalid input. */
const MAX_REFRESH_TOKEN_LENGTH = 1024;

const REFRESH_TOKEN_EXAMPLE =
  'x3JkzI6Qb3mCz0mYk2v9bA.0.VGhpcyBpcyBub3QgYSByZWFsIHJlZnJlc2ggdG9rZW4';

export const refreshTokenField = z.string().openapi({
  description: 'Refresh token for `POST /auth/refresh`. Store it securely.',
  example: REFRESH_TOKEN_EXAMPLE,
});

export const tokenSchema = z
  .object({
    access_token: accessTokenField,
    token_type: z.literal('bearer').openapi({ description: 'Token type.', example: 'bearer' }),
    expires_in: expiresInField,
    refresh_token: refreshTokenField,
  })
  .openapi('Token', { description: 'The tokens of a session (RFC 6749 section 5.1).' });

export const refreshTokens = operation({
  operationId: 'refreshTokens',
  guard: open,
  method: 'post',
  path: '/auth/refresh',
  tags: ['auth'],
  summary: 'Refresh your tokens',
  description:
    'Exchanges the latest refresh token for new tokens. The previous refresh token is accepted for a few more seconds and returns the same new one, so a client that lost the response can retry. Any older refresh token revokes the session.',
  body: json(
    z
      .object({
        refresh_token: text({ max: MAX_REFRESH_TOKEN_LENGTH }).openapi({
          description: 'The latest refresh token of the session.',
          example: REFRESH_TOKEN_EXAMPLE,
          maxLength: MAX_REFRESH_TOKEN_LENGTH,
        }),
      })
      .openapi('Refresh', { description: 'A refresh token to exchange.' }),
    'The refresh token.',
  ),
  fails: ['invalid_refresh_token', 'database_unavailable'],
  answers: {
    200: {
      description: 'New tokens for the same session.',
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
  description: 'Revokes the session of the access token, with all its tokens, immediately.',
  answers: {
    204: { description: 'The session was revoked.' },
  },
});
