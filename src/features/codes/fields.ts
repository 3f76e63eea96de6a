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

export const codeField = z
  .string()
  .regex(/^\d{6}$/, 'must be six digits')
  .openapi({ description: 'The code of a message: six digits.', example: '493027' });

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

interface PresentedShape extends Record<string, z.ZodType> {
  readonly token: z.ZodType<string | undefined>;
  readonly code: z.ZodType<string | undefined>;
}

/**
 * The body of an operation that accepts either the token of a link, or a code and whose it is.
 *
 * @param shape the member beside `code` is `username` or `channel`
 */
export function presentedCode<Shape extends PresentedShape>(shape: Shape) {
  const beside = 'username' in shape ? 'username' : 'channel' in shape ? 'channel' : undefined;
  return z
    .object(shape)
    .refine(
      (body) => (member(body, 'token') === undefined) !== (member(body, 'code') === undefined),
      {
        path: ['token'],
        error: 'requires either token or code',
        params: { code: 'required' },
      },
    )
    .refine(
      (body) =>
        beside === undefined ||
        (member(body, beside) === undefined) === (member(body, 'code') === undefined),
      {
        path: [beside ?? 'code'],
        error: `must accompany code, and only code`,
        params: { code: 'required' },
      },
    );
}

const member = (body: object, name: string): unknown => Reflect.get(body, name);
