import { z } from '@hono/zod-openapi';
import { text, timeField } from '../../core/http/fields.ts';
import { isoTimeOrNull } from '../../core/time.ts';
import { rolesField } from '../roles/fields.ts';
import type { ProfileView } from '../users/profile.ts';
import { profileSchema } from '../users/profile-schema.ts';
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
    ...profileSchema.shape,
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
  })
  .openapi('AdminUser', { description: 'An account, as administrators see it.' });

/** Returns an account as `/admin` returns it. Its second argument is the `requestUrl` of {@link ProfileView}. */
export type AccountView = ReturnType<typeof createAccountView>;

export const createAccountView =
  (profileOf: ProfileView) => (account: Account, requestUrl?: string) => ({
    ...profileOf(account, requestUrl),
    roles: [...account.roles],
    disabled_at: isoTimeOrNull(account.disabledAt),
    locked_until: isoTimeOrNull(account.lockedUntil),
    has_password: account.hasPassword,
  });
