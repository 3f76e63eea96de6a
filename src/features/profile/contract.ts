import { z } from '@hono/zod-openapi';
import { json, mergePatch } from '../../core/http/body.ts';
import { timeField } from '../../core/http/fields.ts';
import { operation } from '../../core/http/operation.ts';
import { user } from '../sessions/guards.ts';
import { bioField, emailField, idField, nameField, phoneField } from '../users/fields.ts';

const profileSchema = z
  .object({
    id: idField,
    email: emailField.nullable(),
    name: nameField.nullable(),
    bio: bioField,
    phone: phoneField.nullable(),
    created_at: timeField,
    updated_at: timeField,
  })
  .openapi('Profile', { description: 'Your account as you see it.' });

const etagHeader = {
  ETag: {
    description: 'Names this version of the profile; send it back as `If-Match`.',
    schema: { type: 'string', example: '"1-3"' },
  },
} as const;

const wholeProfile = (description: string) =>
  ({
    description,
    headers: etagHeader,
    content: { 'application/json': { schema: profileSchema } },
  }) as const;

const ifMatchHeader = z.object({
  'if-match': z.string().max(4096, 'must have at most 4096 characters').optional().openapi({
    description:
      'Change the profile only if it is one of these versions (RFC 9110 section 13.1.1).',
  }),
});

const common = { path: '/profile/me', tags: ['profile'], guard: user } as const;

export const getProfile = operation({
  ...common,
  operationId: 'getProfile',
  method: 'get',
  summary: 'Read your profile',
  description: 'The profile of the user whom the access token names.',
  // Documented but not validated: any text is valid, and validating one header reads all of them.
  parameters: [
    {
      in: 'header',
      name: 'if-none-match',
      required: false,
      description: 'Answer 304 if the profile is still this version (RFC 9110 section 13.1.2).',
      schema: { type: 'string' },
    },
  ],
  answers: {
    200: wholeProfile('Your profile.'),
    304: { description: 'The profile is the version you named.', headers: etagHeader },
  },
});

export const updateProfile = operation({
  ...common,
  operationId: 'updateProfile',
  method: 'put',
  summary: 'Change your profile',
  description: 'A member that is missing or null stays as it is; an empty string is set.',
  request: { headers: ifMatchHeader },
  body: json(
    z
      .object({ name: nameField.nullish(), bio: bioField.nullish() })
      .openapi('ProfileUpdate', { description: 'What to change.' }),
    'What to change. Members that are not named here are ignored.',
  ),
  isConditional: true,
  answers: { 200: wholeProfile('Your whole profile, changed.') },
});

const patchSchema = z
  .object({ name: nameField.nullish(), bio: bioField.nullish() })
  .openapi('ProfilePatch', { description: 'A merge patch of the profile.' });

export const patchProfile = operation({
  ...common,
  operationId: 'patchProfile',
  method: 'patch',
  summary: 'Change your profile by merge patch',
  description: 'JSON merge patch (RFC 7396): a missing member stays as it is, null clears it.',
  request: { headers: ifMatchHeader },
  body: mergePatch(patchSchema, 'What to change. Members that are not named here are ignored.'),
  isConditional: true,
  answers: { 200: wholeProfile('Your whole profile, changed.') },
});
