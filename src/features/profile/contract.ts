import { z } from '@hono/zod-openapi';
import { json, mergePatch } from '../../core/http/body.ts';
import { operation } from '../../core/http/operation.ts';
import { user } from '../sessions/guards.ts';
import {
  bioField,
  fieldsPatchField,
  localeField,
  nameField,
  timeZoneField,
} from '../users/fields.ts';
import { profileSchema } from '../users/profile-schema.ts';

const etagHeader = {
  ETag: {
    description: 'Version of the profile. Send it as `If-Match` to detect concurrent changes.',
    schema: { type: 'string', example: '"1-3"' },
  },
} as const;

/** The answer with a profile and its version. */
export const wholeProfile = (description: string) =>
  ({
    description,
    headers: etagHeader,
    content: { 'application/json': { schema: profileSchema } },
  }) as const;

const ifMatchHeader = z.object({
  'if-match': z.string().max(4096, 'must have at most 4096 characters').optional().openapi({
    description: 'Updates the profile only if its `ETag` is listed (RFC 9110 section 13.1.1).',
  }),
});

const common = { path: '/profile/me', tags: ['profile'], guard: user } as const;

export const getProfile = operation({
  ...common,
  operationId: 'getProfile',
  method: 'get',
  summary: 'Get your profile',
  description: 'Returns the profile of the authenticated user.',
  // Documented but not validated: any text is valid, and validating one header field reads all of them.
  parameters: [
    {
      in: 'header',
      name: 'if-none-match',
      required: false,
      description: 'Returns 304 if the `ETag` of the profile is listed (RFC 9110 section 13.1.2).',
      schema: { type: 'string' },
    },
  ],
  answers: {
    200: wholeProfile('Your profile.'),
    304: { description: 'The profile has not changed.', headers: etagHeader },
  },
});

export const updateProfile = operation({
  ...common,
  operationId: 'updateProfile',
  method: 'put',
  summary: 'Update your profile',
  description: 'A missing or null member is left unchanged. An empty string is stored as such.',
  request: { headers: ifMatchHeader },
  body: json(
    z
      .object({ name: nameField.nullish(), bio: bioField.nullish() })
      .openapi('ProfileUpdate', { description: 'Changes to a profile.' }),
    'The members to change. Unknown members are ignored.',
  ),
  isConditional: true,
  answers: { 200: wholeProfile('The updated profile.') },
});

const patchSchema = z
  .object({
    name: nameField.nullish(),
    bio: bioField.nullish(),
    locale: localeField.nullish(),
    time_zone: timeZoneField.nullish(),
    fields: fieldsPatchField.optional(),
  })
  .openapi('ProfilePatch', { description: 'A JSON Merge Patch of a profile.' });

export const patchProfile = operation({
  ...common,
  operationId: 'patchProfile',
  method: 'patch',
  summary: 'Patch your profile',
  description:
    'JSON Merge Patch (RFC 7396). A missing member is left unchanged. Null clears a member. `fields` is merged member by member; null clears all of them, also those that the server does not declare any more.',
  request: { headers: ifMatchHeader },
  body: mergePatch(patchSchema, 'The members to change. Unknown members are ignored.'),
  isConditional: true,
  answers: { 200: wholeProfile('The updated profile.') },
});
