import { z } from '@hono/zod-openapi';
import { timeField } from '../../core/http/fields.ts';
import { bioField, emailField, fieldsField, idField, nameField, phoneField } from './fields.ts';

/** A profile, as its owner reads it. */
export const profileSchema = z
  .object({
    id: idField,
    email: emailField.nullable(),
    name: nameField.nullable(),
    bio: bioField,
    phone: phoneField.nullable(),
    email_verified: z.boolean().openapi({
      description: 'Whether the account has proved that it receives messages to `email`.',
      example: true,
    }),
    phone_verified: z.boolean().openapi({
      description: 'Whether the account has proved that it receives messages to `phone`.',
      example: false,
    }),
    avatar_url: z.string().nullable().openapi({
      format: 'uri',
      description:
        'Where the picture is, without authentication; null if there is none. A changed picture has another URL.',
      example: 'https://api.example.com/avatars/Zk3vQ0hT4mW8rB1xYc6NJA',
    }),
    locale: z.string().nullable().openapi({
      description:
        'Language, a BCP 47 tag. Notices are in the nearest language that they exist in; null for English.',
      example: 'hi-IN',
    }),
    time_zone: z.string().nullable().openapi({
      description: 'Time zone, a name of the IANA time zone database; null if unknown.',
      example: 'Asia/Kolkata',
    }),
    fields: fieldsField,
    created_at: timeField.openapi({ description: 'Time of the sign-up (RFC 3339, UTC).' }),
    updated_at: timeField.openapi({ description: 'Time of the last change (RFC 3339, UTC).' }),
  })
  .openapi('Profile', { description: 'Your profile.' });
