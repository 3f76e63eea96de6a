import { z } from '@hono/zod-openapi';
import { MAX_EMAIL_LENGTH, MAX_PHONE_LENGTH, normalizeEmail } from './identifier.ts';

const CONTROL_CHARACTER = /\p{Cc}/u;
/** A biography has paragraphs: tab, line feed and carriage return may stay. */
const CONTROL_CHARACTER_IN_PROSE = /[^\P{Cc}\t\n\r]/u;

interface TextRules {
  readonly min?: number;
  readonly max: number;
  readonly refuse?: RegExp;
  /** The length is counted in this normal form. */
  readonly normalForm?: 'NFC';
}

/** A string with bounds in code points: an emoji counts one, whatever UTF-16 makes of it. */
export const text = ({ min = 0, max, refuse, normalForm }: TextRules) => {
  const length = (value: string) => codePoints(normalForm ? value.normalize(normalForm) : value);
  return z
    .string({ error: ({ input }) => (input === undefined ? 'is required' : 'must be a string') })
    .refine((value) => value.isWellFormed(), {
      error: 'must be well-formed Unicode',
      params: { code: 'malformed_unicode' },
      abort: true,
    })
    .refine((value) => length(value) >= min, {
      error: min === 1 ? 'must not be empty' : `must have at least ${min} characters`,
      params: { code: 'too_short' },
      abort: true,
    })
    .refine((value) => length(value) <= max, {
      error: `must have at most ${max} characters`,
      params: { code: 'too_long' },
      abort: true,
    })
    .refine((value) => !refuse?.test(value), {
      error: 'must not contain control characters',
      params: { code: 'control_character' },
    });
};

export const emailField = text({ max: MAX_EMAIL_LENGTH })
  .refine((value) => normalizeEmail(value) !== undefined, {
    error: 'must be an email address',
    params: { code: 'invalid_email' },
  })
  .openapi({
    description: 'Email address. Shown as entered; unique without regard to letter case.',
    example: 'ada@example.com',
    // RFC 6531: `email` would be ASCII alone.
    format: 'idn-email',
    maxLength: MAX_EMAIL_LENGTH,
  });

/** The shape of a phone number; whether it exists depends on the configured region. */
export const phoneField = text({
  min: 1,
  max: MAX_PHONE_LENGTH,
  refuse: CONTROL_CHARACTER,
}).openapi({
  description:
    'Phone number, international or of the configured region. Shown as entered; unique by its E.164 form.',
  example: '7760873976',
  minLength: 1,
  maxLength: MAX_PHONE_LENGTH,
});

export const nameField = text({ max: 255, refuse: CONTROL_CHARACTER }).openapi({
  description: 'Name to show.',
  example: 'Ada Lovelace',
  maxLength: 255,
});

export const bioField = text({ max: 10_000, refuse: CONTROL_CHARACTER_IN_PROSE }).openapi({
  description: 'About the person, in their words. May have line breaks.',
  example: 'First programmer.',
  maxLength: 10_000,
});

/**
 * A password to be set. Length is the one rule of its shape (NIST SP 800-63B-4 section 3.1.1.2); whether it
 * is easily guessed is for the policy to say.
 */
export const newPasswordField = text({ min: 8, max: 256, refuse: /\0/, normalForm: 'NFC' }).openapi(
  {
    description:
      'Password, 8 to 256 characters of any kind. Refused if it is commonly used, or like the email address or phone number.',
    example: 'analytical engine',
    format: 'password',
    minLength: 8,
    maxLength: 256,
  },
);

/** What is typed to log in. Wide bounds: whatever a replaced backend let in must be able to come back. */
const credential = { min: 1, max: 1024 } as const;

export const usernameField = text(credential).openapi({
  description: 'Email address or phone number of the account.',
  example: 'ada@example.com',
  minLength: credential.min,
  maxLength: credential.max,
});

export const passwordField = text(credential).openapi({
  description: 'Password of the account.',
  example: 'analytical engine',
  format: 'password',
  minLength: credential.min,
  maxLength: credential.max,
});

export const idField = z.number().int().positive().openapi({
  description: 'Identifies the account. Never used again after a delete.',
  example: 1,
});

export const timeField = z.string().openapi({
  description: 'Time (RFC 3339, UTC).',
  example: '2026-01-01T12:00:00.000Z',
  format: 'date-time',
});

function codePoints(value: string): number {
  let count = 0;
  for (const _ of value) count++;
  return count;
}
