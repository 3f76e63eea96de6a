import { z } from '@hono/zod-openapi';
import { text, timeField } from '../../core/http/fields.ts';
import { isoTime } from '../../core/time.ts';
import { rolesField } from '../roles/fields.ts';
import { bioField, emailField, idField, nameField, phoneField } from '../users/fields.ts';
import { ACCOUNT_ID, type Account } from './account.ts';

/** The id of an account in a path. */
export const accountIdParam = z.object({
  id: z
    .string()
    .regex(ACCOUNT_ID, 'must be the id of an account')
    .openapi({
      param: { name: 'id', in: 'path' },
      description: 'The `id` of an account.',
      example: '1',
    }),
});

export const MAX_REASON_LENGTH = 500;

/** A text of one line. */
export const lineField = (max: number) =>
  text({ min: 1, max, refuse: /\p{Cc}/u, trimmed: true }).openapi({ minLength: 1, maxLength: max });

/** Why somebody acts on the account of another. */
export const reasonField = lineField(MAX_REASON_LENGTH).openapi({
  description: 'Why. It is recorded, and the owner of the account can read it.',
  example: 'Asked for it on the phone.',
});

/** An account, as administrators see it. */
export const accountSchema = z
  .object({
    id: idField,
    email: emailField.nullable(),
    phone: phoneField.nullable(),
    name: nameField.nullable(),
    bio: bioField,
    email_verified: z.boolean().openapi({
      description: 'Whether the account has proved that it receives messages to `email`.',
      example: true,
    }),
    phone_verified: z.boolean().openapi({
      description: 'Whether the account has proved that it receives messages to `phone`.',
      example: false,
    }),
    roles: rolesField,
    disabled_at: timeField.nullable().openapi({
      description: 'When the account was disabled (RFC 3339, UTC); null if it is enabled.',
      example: null,
    }),
    locked_until: timeField.nullable().openapi({
      description:
        'When the lockout after wrong passwords ends (RFC 3339, UTC); null or in the past if there is none. Networks and devices that the account knows are not locked out.',
      example: null,
    }),
    has_password: z
      .boolean()
      .openapi({ description: 'Whether the account has a password.', example: true }),
    locale: z.string().nullable().openapi({
      description: 'Language of the notices to the account; null for English.',
      example: 'hi',
    }),
    created_at: timeField.openapi({ description: 'Time of the sign-up (RFC 3339, UTC).' }),
    updated_at: timeField.openapi({ description: 'Time of the last change (RFC 3339, UTC).' }),
  })
  .openapi('AdminUser', { description: 'An account, as administrators see it.' });

/** An account as `/admin` returns it. */
export const toAccountView = (account: Account) => ({
  id: account.id,
  email: account.email,
  phone: account.phone,
  name: account.name,
  bio: account.bio,
  email_verified: account.emailVerifiedAt !== null,
  phone_verified: account.phoneVerifiedAt !== null,
  roles: [...account.roles],
  disabled_at: timeOrNull(account.disabledAt),
  locked_until: timeOrNull(account.lockedUntil),
  has_password: account.hasPassword,
  locale: account.locale,
  created_at: isoTime(account.createdAt),
  updated_at: isoTime(account.updatedAt),
});

const timeOrNull = (time: number | null): string | null => (time === null ? null : isoTime(time));
