import { z } from '@hono/zod-openapi';
import { timeField } from '../../core/http/fields.ts';
import { bioField, emailField, idField, nameField, phoneField } from './fields.ts';

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
    created_at: timeField.openapi({ description: 'Time of the sign-up (RFC 3339, UTC).' }),
    updated_at: timeField.openapi({ description: 'Time of the last change (RFC 3339, UTC).' }),
  })
  .openapi('Profile', { description: 'Your profile.' });
