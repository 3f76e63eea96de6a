import { z } from '@hono/zod-openapi';
import { text } from '../../core/http/fields.ts';

/** Longer than any token, so that most invalid ones fail as invalid codes and not as invalid input. */
const MAX_TOKEN_LENGTH = 256;

export const linkTokenField = text({ min: 1, max: MAX_TOKEN_LENGTH }).openapi({
  description: 'The token of a link.',
  example: 'Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgcmVhbCB0b2tlbiE',
  minLength: 1,
  maxLength: MAX_TOKEN_LENGTH,
});

const SIX_DIGITS = /^\d{6}$/;

export const codeField = z
  .string('must be a string')
  .refine((value) => SIX_DIGITS.test(value), {
    error: 'must be six digits',
    params: { code: 'malformed_code' },
  })
  .openapi({
    description: 'The code of a message.',
    example: '493027',
    pattern: SIX_DIGITS.source,
  });

export const channelField = z.enum(['email', 'phone']).openapi({
  description: 'The address of the account: its email address or its phone number.',
  example: 'email',
});

/** The answer of operations that send a message. It does not tell whether one was sent. */
export const MESSAGE_SENT = {
  description: 'Accepted. If a message is due, it will be sent.',
  content: {
    'application/json': {
      schema: z.object({}).openapi('Accepted', { description: 'An empty object.' }),
    },
  },
} as const;

/** What a body has of a presented link or code. */
interface PresentedBody {
  readonly token?: string | undefined;
  readonly code?: string | undefined;
}

/** True for a body with the token of a link or with a code, but not both. */
export const hasOne = ({ token, code }: PresentedBody): boolean =>
  (token === undefined) !== (code === undefined);

export const ONE_REQUIRED = {
  path: ['token'],
  error: 'requires either token or code',
  params: { code: 'required' },
};

/** The error of a member that names the account of a code. @param name of the member */
export const withCodeOnly = (name: string) => ({
  path: [name],
  error: 'must accompany code, and only code',
  params: { code: 'required' },
});
