import { z } from '@hono/zod-openapi';
import { text } from '../../core/http/fields.ts';
import { languageTag } from '../../core/language-tag.ts';
import {
  CONTROL_CHARACTER,
  CONTROL_CHARACTER_IN_PROSE,
  hasInvisible,
  isBidiBalanced,
  UNBALANCED_BIDI,
} from '../../core/text.ts';
import { timeZoneName } from '../../core/time-zone.ts';
import { MAX_EMAIL_LENGTH, MAX_PHONE_LENGTH, normalizeEmail } from './identifier.ts';

const TRIMMED = 'Surrounding white space is ignored.';

const email = {
  description: 'Email address. Returned as entered; unique ignoring case.',
  example: 'ada@example.com',
  // Internationalized addresses (RFC 6531). The format `email` allows only ASCII.
  format: 'idn-email',
  maxLength: MAX_EMAIL_LENGTH,
};

/** The email address of an account. */
export const emailField = z.string().openapi(email);

/**
 * An email address to store. Invisible characters are rejected here, not by normalization, so that existing
 * accounts whose address contains one can still log in.
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
    'Phone number, in international format or in that of the configured region. Returned as entered; unique by its E.164 form.',
  example: '7760873976',
  minLength: 1,
  maxLength: MAX_PHONE_LENGTH,
};

/** The phone number of an account. */
export const phoneField = z.string().openapi(phone);

/** A phone number to store. Only its syntax is checked here; whether it is valid depends on the configured region. */
export const newPhoneField = text({
  min: 1,
  max: MAX_PHONE_LENGTH,
  refuse: CONTROL_CHARACTER,
  trimmed: true,
}).openapi({ ...phone, description: `${phone.description} ${TRIMMED}` });

export const nameField = text({ max: 255, refuse: CONTROL_CHARACTER })
  .refine(isBidiBalanced, {
    error: UNBALANCED_BIDI.message,
    params: { code: UNBALANCED_BIDI.code },
  })
  .openapi({
    description: 'Display name.',
    example: 'Ada Lovelace',
    maxLength: 255,
  });

export const bioField = text({ max: 10_000, refuse: CONTROL_CHARACTER_IN_PROSE }).openapi({
  description: 'Short biography. May contain line breaks.',
  example: 'First programmer.',
  maxLength: 10_000,
});

export const localeField = text({ max: 35 })
  .refine((value) => languageTag(value) !== undefined, {
    error: 'must be a language tag such as hi-IN',
    params: { code: 'invalid_locale' },
    abort: true,
  })
  .overwrite((value) => languageTag(value) ?? value)
  .openapi({
    description:
      'Language: a BCP 47 tag without extensions. Stored in its usual letter case. Notices are in the nearest language that they exist in, otherwise in English.',
    example: 'hi-IN',
    maxLength: 35,
  });

export const timeZoneField = text({ max: 64 })
  .refine((value) => timeZoneName(value) !== undefined, {
    error: 'must be the name of a time zone such as Asia/Kolkata',
    params: { code: 'invalid_time_zone' },
    abort: true,
  })
  .overwrite((value) => timeZoneName(value) ?? value)
  .openapi({
    description:
      'Time zone: a name of the IANA time zone database, not an offset. Stored in its usual letter case; an alias stays as it is.',
    example: 'Asia/Kolkata',
    maxLength: 64,
  });

/** The names under which `features/docs` describes the own fields of a server. */
export const FIELDS_COMPONENT = 'ProfileFields';
export const FIELDS_PATCH_COMPONENT = 'ProfileFieldsPatch';

/** The values of own fields. */
export const fieldsField = z.record(z.string(), z.unknown()).openapi(FIELDS_COMPONENT, {
  description:
    'Own fields, by their names. Which there are, the setting `PROFILE_FIELDS` of the server says; without it, there are none. A field without a value is absent.',
});

/** A merge patch of own fields. `OwnFields` checks the values. */
export const fieldsPatchField = z
  .unknown()
  // A record would leave it out.
  .refine((patch) => !Object.hasOwn(Object(patch), '__proto__'), {
    error: 'has a field that is not declared',
    params: { code: 'unknown_field' },
    abort: true,
  })
  .pipe(z.record(z.string(), z.unknown(), 'must be an object').nullable())
  .openapi(FIELDS_PATCH_COMPONENT, {
    type: ['object', 'null'],
    additionalProperties: {},
    description:
      'Changes to own fields: null clears a field, null instead of the object clears all, and a missing one is left unchanged. Names that the server does not declare are rejected. All values together have at most 8 KB.',
  });

/**
 * A new password. The policy checks its minimum length, not this field, because legacy clients show the `detail` of the
 * policy's 400 and hide that of a 422.
 */
export const newPasswordField = text({ max: 256, refuse: /\0/, normalForm: 'NFC' }).openapi({
  description:
    'New password: 8 to 256 characters of any kind; the server may require a greater minimum. Rejected as `weak_password` if it is too short, common, similar to the email address or phone number, or known from a data breach.',
  example: 'analytical engine',
  format: 'password',
  maxLength: 256,
});

/** Wide bounds, so that users can log in with any name and password that a legacy backend accepted. */
const CREDENTIAL_BOUNDS = { min: 1, max: 1024 } as const;

export const usernameField = text({ ...CREDENTIAL_BOUNDS, trimmed: true }).openapi({
  description: `Email address or phone number of the account. ${TRIMMED}`,
  example: 'ada@example.com',
  minLength: CREDENTIAL_BOUNDS.min,
  maxLength: CREDENTIAL_BOUNDS.max,
});

export const passwordField = text(CREDENTIAL_BOUNDS).openapi({
  description: 'Password of the account.',
  example: 'analytical engine',
  format: 'password',
  minLength: CREDENTIAL_BOUNDS.min,
  maxLength: CREDENTIAL_BOUNDS.max,
});

export const idField = z.number().int().positive().openapi({
  description: 'User id. Not reused after the account is deleted.',
  example: 1,
});
