import { z } from '@hono/zod-openapi';
import { json, mergePatch } from '../../core/http/body.ts';
import { operation } from '../../core/http/operation.ts';
import { rolesField } from '../roles/fields.ts';
import { admin } from '../sessions/guards.ts';
import {
  bioField,
  fieldsPatchField,
  localeField,
  nameField,
  newEmailField,
  newPhoneField,
  timeZoneField,
} from '../users/fields.ts';
import { accountIdParam, accountSchema, reasonField } from './fields.ts';

const reasonBody = json(
  z.object({ reason: reasonField }).openapi('AdminAct', { description: 'Why you do this.' }),
  'The reason. Unknown members are ignored.',
);

const account = (description: string) =>
  ({ description, content: { 'application/json': { schema: accountSchema } } }) as const;

const common = { tags: ['admin'], guard: admin } as const;

const ofAccount = { ...common, request: { params: accountIdParam } } as const;

const FAILS = ['not_found', 'validation_failed'] as const;

export const inviteUser = operation({
  ...common,
  operationId: 'inviteUser',
  method: 'post',
  path: '/admin/users',
  summary: 'Invite a user',
  description:
    'Creates an account without a password, and sends a link that sets one and verifies the address. The link is valid for 7 days; `POST /auth/password/reset` accepts it. It goes to the email address if there is one. Setting a password by it drops the other address, which nobody has verified.',
  body: json(
    z
      .object({
        email: newEmailField.nullish(),
        phone: newPhoneField.nullish(),
        name: nameField.nullish(),
        roles: rolesField.optional(),
        locale: z
          .enum(['en', 'hi'])
          .optional()
          .openapi({ description: 'Language of the message. Default: `en`.', example: 'en' }),
        reason: reasonField,
      })
      .refine(({ email, phone }) => email != null || phone != null, {
        path: ['email'],
        error: 'requires an email address or a phone number',
        params: { code: 'required' },
      })
      .openapi('Invitation', { description: 'An account to create.' }),
    'The account to create. Unknown members are ignored.',
  ),
  fails: ['email_taken', 'phone_taken', 'messages_off'],
  answers: { 201: account('The account was created.') },
});

export const updateUser = operation({
  ...ofAccount,
  operationId: 'updateUser',
  method: 'patch',
  path: '/admin/users/{id}',
  summary: 'Change a user',
  description:
    'JSON Merge Patch (RFC 7396) with a `reason`. A missing member is left unchanged; null clears it. `fields` is merged member by member; null clears all of them. An address can be taken away, with all links and codes that were sent to it, and not set; so can the picture.',
  body: mergePatch(
    z
      .object({
        name: nameField.nullish(),
        bio: bioField.nullish(),
        locale: localeField.nullish(),
        time_zone: timeZoneField.nullish(),
        fields: fieldsPatchField.optional(),
        email: z.literal(null, 'must be null').optional().openapi({
          description: 'Null takes the email address away.',
          example: null,
        }),
        phone: z.literal(null, 'must be null').optional().openapi({
          description: 'Null takes the phone number away.',
          example: null,
        }),
        avatar_url: z.literal(null, 'must be null').optional().openapi({
          description: 'Null takes the picture away.',
          example: null,
        }),
        reason: reasonField,
      })
      .openapi('AdminUserPatch', { description: 'Changes to an account.' }),
    'The members to change, and the reason. Unknown members are ignored.',
  ),
  fails: [...FAILS, 'last_admin'],
  answers: { 200: account('The changed account.') },
});

export const removeUser = operation({
  ...ofAccount,
  operationId: 'removeUser',
  method: 'delete',
  path: '/admin/users/{id}',
  summary: 'Delete a user',
  description:
    'Deletes the account and everything stored about it, as its owner can. A notice goes to its verified address. This cannot be undone.',
  request: { params: accountIdParam, query: z.object({ reason: reasonField }) },
  fails: [...FAILS, 'last_admin'],
  answers: { 204: { description: 'The account was deleted.' } },
});

export const disableUser = operation({
  ...ofAccount,
  operationId: 'disableUser',
  method: 'post',
  path: '/admin/users/{id}/disable',
  summary: 'Disable a user',
  description:
    'Nobody can log in to the account any more. Ends its sessions and devices, and its links and codes.',
  body: reasonBody,
  fails: [...FAILS, 'last_admin'],
  answers: { 200: account('The account is disabled.') },
});

export const enableUser = operation({
  ...ofAccount,
  operationId: 'enableUser',
  method: 'post',
  path: '/admin/users/{id}/enable',
  summary: 'Enable a user',
  description: 'Its owner can log in again.',
  body: reasonBody,
  fails: FAILS,
  answers: { 200: account('The account is enabled.') },
});

export const unlockUser = operation({
  ...ofAccount,
  operationId: 'unlockUser',
  method: 'post',
  path: '/admin/users/{id}/unlock',
  summary: 'Unlock a user',
  description: 'Ends the lockouts after wrong passwords and codes, and forgets these.',
  body: reasonBody,
  fails: FAILS,
  answers: { 200: account('The account is not locked out.') },
});

export const requireUserReset = operation({
  ...ofAccount,
  operationId: 'requireUserReset',
  method: 'post',
  path: '/admin/users/{id}/require-reset',
  summary: 'Require a new password',
  description:
    'Removes the password, ends the sessions and devices, and sends a link that sets a new password, valid for 60 minutes. A disabled account gets no link.',
  body: reasonBody,
  fails: [...FAILS, 'last_admin', 'no_address', 'messages_off'],
  answers: { 200: account('The account has no password.') },
});

export const signOutUser = operation({
  ...ofAccount,
  operationId: 'signOutUser',
  method: 'post',
  path: '/admin/users/{id}/sign-out',
  summary: 'Log a user out',
  description: 'Ends all sessions and devices of the account.',
  body: reasonBody,
  fails: FAILS,
  answers: { 200: account('The account is logged out.') },
});

export const setUserRoles = operation({
  ...ofAccount,
  operationId: 'setUserRoles',
  method: 'put',
  path: '/admin/users/{id}/roles',
  summary: 'Set the roles of a user',
  description:
    'Replaces all roles. Here they have effect from the next request on; access tokens carry the old ones until they expire.',
  body: json(
    z
      .object({ roles: rolesField, reason: reasonField })
      .openapi('RoleChange', { description: 'The roles of an account.' }),
    'All roles, and the reason. Unknown members are ignored.',
  ),
  fails: [...FAILS, 'last_admin'],
  answers: { 200: account('The account with its roles.') },
});
