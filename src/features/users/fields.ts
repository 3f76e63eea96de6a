import { z } from '@hono/zod-openapi';
import { MAX_EMAIL_LENGTH, MAX_PHONE_LENGTH, normalizeEmail } from './identifier.ts';
import { codePoints, hasInvisible, isBidiBalanced, trimSpace } from '../../core/text.ts';

const CONTROL_CHARACTER = /\p{Cc}/u;
/** A biography has paragraphs: tab, line feed and carriage return may stay. */
const CONTROL_CHARACTER_IN_PROSE = /[^\P{Cc}\t\n\r]/u;

interface TextRules {
  readonly min?: number;
  readonly max: number;
  readonly refuse?: RegExp;
  /** The length is counted in this normal form. */
  readonly normalForm?: 'NFC';
  /** Whether white space around it is dropped before anything else is looked at. */
  readonly trimmed?: boolean;
}

/** A string with bounds in code points: an emoji counts one, whatever UTF-16 makes of it. */
export const text = ({ min = 0, max, refuse, normalForm, trimmed = false }: TextRules) => {
  const length = (value: string) => codePoints(normalForm ? value.normalize(normalForm) : value);
  const string = z.string({
    error: ({ input }) => (input === undefined ? 'is required' : 'must be a string'),
  });
  return (trimmed ? string.overwrite(trimSpace) : string)
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

const TRIMMED = 'White space around it is dropped.';

const email = {
  description: 'Email address. Shown as entered; unique without regard to letter case.',
  example: 'ada@example.com',
  // RFC 6531: `email` would be ASCII alone.
  format: 'idn-email',
  maxLength: MAX_EMAIL_LENGTH,
};

/** The email address of an account. */
export const emailField = z.string().openapi(email);

/**
 * An email address to be stored. Invisible characters are refused here and not by the normal form: an
 * account that has one already must be found by it.
 */
export const newEmailField = text({ max: MAX_EMAIL_LENGTH, trimmed: true })
  .refine((value) => !hasInvisible(value), {
    error: 'must not contain invisible characters',
    params: { code: 'invalid_email' },
    abort: true,
  })
  .refine((value) => normalizeEmail(value) !== undefined, {
    error: 'must be an email address',
    params: { code: 'invalid_email' },
  })
  .openapi({ ...email, description: `${email.description} ${TRIMMED}` });

const phone = {
  description:
    'Phone number, international or of the configured region. Shown as entered; unique by its E.164 form.',
  example: '7760873976',
  minLength: 1,
  maxLength: MAX_PHONE_LENGTH,
};

/** The phone number of an account. */
export const phoneField = z.string().openapi(phone);

/** The shape of a phone number to be stored; whether it exists depends on the configured region. */
export const newPhoneField = text({
  min: 1,
  max: MAX_PHONE_LENGTH,
  refuse: CONTROL_CHARACTER,
  trimmed: true,
}).openapi({ ...phone, description: `${phone.description} ${TRIMMED}` });

export const nameField = text({ max: 255, refuse: CONTROL_CHARACTER })
  .refine(isBidiBalanced, {
    error: 'must close each bidirectional control that it opens',
    params: { code: 'unbalanced_bidi' },
  })
  .openapi({
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
 * The shape of a password to be set. The policy decides whether it is long enough: old clients show the
 * `detail` of its 400, and hide that of a 422.
 */
export const newPasswordField = text({ max: 256, refuse: /\0/, normalForm: 'NFC' }).openapi({
  description:
    'Password of 8 characters at least, or as many as the server is set to ask for, up to 256 of any kind. Refused as `weak_password` if it is shorter, commonly used, like the email address or phone number, or known from a breach.',
  example: 'analytical engine',
  format: 'password',
  maxLength: 256,
});

/** What is typed to log in. Wide bounds: whatever a replaced backend let in must be able to come back. */
const credential = { min: 1, max: 1024 } as const;

export const usernameField = text({ ...credential, trimmed: true }).openapi({
  description: `Email address or phone number of the account. ${TRIMMED}`,
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
